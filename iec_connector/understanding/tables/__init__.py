"""Tables that an engineer extends without code: what event codes and life-cycle words of a head-end system mean.

In come CSV files, written for the engineer who connects a head-end system. Out go look-ups for the readers of nouns. A
file is checked when it is loaded, once, at start; an error names file and line.

Never here: XML, or a default where no row fits.
"""
