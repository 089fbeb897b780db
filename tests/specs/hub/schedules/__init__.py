"""The hub's own classes under a scheduler that picks what happens next: thousands of orders of the same few steps.

A schedule is a list of choices, made from its seed: which waiting step runs, whether time passes, whether a request to
the database fails and how, which hub dies. Choice 0 is always the harmless one, so a list that fails can be shrunk.

Must never be done here: waiting for real time; choosing by anything but ``Choices``.
"""
