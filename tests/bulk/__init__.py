"""Rules at the size at which they matter: messages as large as the limits, lives of a whole park.

In: nothing but the code, as in tests/specs. Out: the same promises, kept for thousands of devices. Never: what shows in
a small example as well; that is a spec, and `make specs` has it in seconds.
"""
