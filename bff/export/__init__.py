"""Devices as a table that a person takes along: CSV, streamed through the page's session.

Comes in: an order of the page (a filter, columns), a browser that fetches the file, the register's stream of devices.
Goes out: lines of CSV (RFC 4180) as fast as the browser takes them; how far it is; a last line that says it is whole.
Must never be done here: hold more than a piece of the table; end a file that is not whole as if it were; let a cell be
taken for a formula.
"""
