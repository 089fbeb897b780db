"""Tables that an engineer extends without code: what event codes and life-cycle words of a head-end system mean.

In come CSV files, written to be read by the engineer who connects a head-end system. Out go look-ups that readers of
nouns ask. A file is checked when it is loaded, once, at start; an error says file and line.

Never here: XML, or a default for what no row says.
"""
