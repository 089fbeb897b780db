"""The commands of `python -m hes_simulator`: their options, and what they print.

Comes in: words of the command line and the environment.
Goes out: lines for people and scripts, and the exit code.
Must never be done here: decide what is sent or when.
"""
