"""What is measured: a stack of the run's own, and the stock way in the place of our hub.

Comes in: the options of a run.
Goes out: a running stack on free ports in a folder of its own, which is gone when the run ends.
Must never be done here: touch a stack that somebody else started; make the stock way slower than a good user of Dapr
would build it.
"""
