"""Nothing lost, nothing twice: messages flow while things break, and a checker compares what was said with what is.

Comes in: a seed; the services as they are, in a stack of the run's own (deploy.local), or one that a test shares.
Goes out: what was lost, doubled, misordered, what differs and what was put aside wrongly; how long each fault was felt;
a folder with the whole history; the tables of docs/reliability.md.
Must never be done here: break a stack that somebody else started; ask a service what it holds, or share code with one
where it is checked; state a figure that the run did not measure.
"""
