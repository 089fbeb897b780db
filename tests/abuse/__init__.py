"""`make abuse`: what a person who wishes the system ill, or a tired engineer, would do to it, and what came of it.

In comes a running stack. Out go findings: how many cases, which were answered wrongly, which processes were started
again, how much memory grew. Each attack is bounded in count and time, and speaks to addresses of the stack alone.
After each one a good message must pass the chain and a good question must be answered.

Never here: a case without an expectation; a load without an end.
"""
