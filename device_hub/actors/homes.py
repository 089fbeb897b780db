"""Where devices live that do not live here, as their answers said: a guess, good for one question."""

import sys


class Homes:
    """Of at most ``most`` devices; the one that was asked for longest ago is forgotten first.

    ``own`` is the name of this process. It is not kept: what lives here is a resident, or was one.
    """

    def __init__(self, own: str, *, most: int) -> None:
        self._own = own
        self._most = most
        # In the order of use.
        self._homes: dict[str, str] = {}

    def of(self, device_id: str) -> str | None:
        """Return the process in which the device lived when it was heard last, or None."""
        home = self._homes.pop(device_id, None)
        if home is not None:
            self._homes[device_id] = home
        return home

    def learn(self, device_id: str, home: str) -> None:
        """Keep what the device's answer said; "" is said by a hub that does not know."""
        self._homes.pop(device_id, None)
        if not home or home == self._own:
            return
        # Few names, in as many answers as there are devices.
        self._homes[device_id] = sys.intern(home)
        if len(self._homes) > self._most:
            del self._homes[next(iter(self._homes))]

    def forget(self, device_id: str) -> None:
        self._homes.pop(device_id, None)

    def __len__(self) -> int:
        return len(self._homes)
