"""Which head-end systems are read, where and how: the configuration file and its meaning.

Comes in: the file, tables of codes and words, files with passwords. Goes out: sources as `understanding` and the
transport take them.
Must never be done here: opening a connection; a default that guesses what a source means.
"""
