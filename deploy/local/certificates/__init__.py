"""Certificates and tokens by which the processes of a stack know each other.

In: a folder of the stack's directory, and the time. Out: keys, certificates and tokens in files that
their owner alone can read; what a listener shows. Never: a root's key in a file, a process started.
"""
