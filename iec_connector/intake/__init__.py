"""The intake: messages of a broker, each settled at the right moment, and messages that are read again.

Comes in: messages of subscriptions, messages that the hub hands out for another reading. Goes out: readings, and the
result of each for the broker or the hub.
Must never be done here: settling a message before each of its reports has a final verdict and the quarantine holds
what could not be taken; letting one device take the whole credit.
"""
