"""What an export's CSV has beside its rows."""

from service_chassis.csv_text import lines


def last_line(count: int, columns: int) -> bytes:
    """Return the line that says that the file is whole: a file without it was cut."""
    return lines([(f"# whole: {count} devices", *[""] * (columns - 1))])
