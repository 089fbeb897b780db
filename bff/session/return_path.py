"""Where a login leads back to: a path of the page, never another place."""

import re

HOME = "/"
_LONGEST = 512
# The characters of a path with query and fragment (RFC 3986). Not among them is what browsers read as something else:
# a backslash (a slash for them), white space and control signs (they leave them out).
_LOCAL_PATH = re.compile(
    r"/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@%?#][A-Za-z0-9\-._~!$&'()*+,;=:@%?#/]*)?"
)


class NoLocalPath(Exception):
    """The return address is not a path of the page; the text says so to the user, without repeating it."""


def local_path(said: str | None) -> str:
    """Return ``said`` if it is a path below this address, ``/`` for none.

    A path of the login's own is refused, too: it would lead in a circle.

    Raises:
        NoLocalPath: it is anything else.
    """
    if not said:
        return HOME
    if len(said) > _LONGEST:
        raise NoLocalPath(f"returnTo: longer than {_LONGEST} characters")
    if not _LOCAL_PATH.fullmatch(said):
        raise NoLocalPath("returnTo: not a path of this page, such as /devices?lifecycle=ERROR")
    if said == "/page" or said.startswith(("/page/", "/page?", "/page#")):
        raise NoLocalPath("returnTo: a path below /page, which is the login's own")
    return said
