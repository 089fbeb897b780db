"""The one error that a person gets to see as a line."""


class BenchFailed(Exception):
    """The measurement cannot go on; the text says what and where."""
