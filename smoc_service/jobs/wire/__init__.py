"""Jobs between the contract's messages and the register's own words. Nothing else knows both.

Comes in: requests, with their selections and actions; jobs and items. Goes out: words of ``core``; messages.
Must never be done here: decide anything that a message does not already say, ask the database.
"""
