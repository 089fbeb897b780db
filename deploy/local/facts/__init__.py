"""What is known of a stack before anything of it runs: settings, ports, and where its files lie.

In: what a person said (environment, `make`), and what the last start remembered.
Out: frozen facts that every other folder reads. Never: how a process is started, or a certificate signed.
"""
