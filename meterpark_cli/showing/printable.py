"""What came from a meter is shown, never obeyed: no control character of it reaches the terminal."""


def printable(text: str) -> str:
    r"""Return ``text`` with everything that a terminal could obey written as an escape, e.g. ``\x1b``.

    That is every character which is not printable: control characters of both sets, line breaks, marks that
    turn the direction of writing, invisible ones.
    """
    if text.isprintable():
        return text
    return "".join(
        character
        if character.isprintable()
        else character.encode("unicode_escape", "surrogatepass").decode("ascii")
        for character in text
    )


def printable_lines(text: str) -> str:
    """Return ``text`` as `printable` does, but keep its line breaks and tabs: for the body of a message."""
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join("\t".join(printable(part) for part in line.split("\t")) for line in lines)
