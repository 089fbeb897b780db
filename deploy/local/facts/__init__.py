"""What is known about a stack before it runs: settings, ports, and the places of its files.

In: the user's settings (environment, `make`), and what the last start stored.
Out: frozen facts that every other folder reads. Never: how a process is started, or a certificate signed.
"""
