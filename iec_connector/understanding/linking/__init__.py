"""Which of the things that a linkage names belong together.

In comes one linkage, out go statements about its devices, and problems.
Must never be done here: guess a pair where the linkage leaves several possible.
"""
