"""The table, multiplied: every case with the answer that it must get."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from tests.denied.table import (
    APPS,
    BFF,
    COMMAND,
    CONNECTOR,
    METHODS,
    NO_TOKEN,
    STRONGEST,
    TOKENS,
    Answer,
    Method,
    TokenKind,
    said_by_the_policy,
    said_by_the_token_check,
)


class Locks(StrEnum):
    """Which of the two locks are there."""

    BOTH = "both locks"
    NO_POLICY = "access policy off"
    UNCHECKED = "token check off"


class Way(StrEnum):
    SIDECAR = "through its sidecar"
    SIDECAR_AS_STRANGER = "through its sidecar, without the sidecar's API token"
    STRAIGHT = "straight to the app's port"


GRPC = "gRPC"
HTTP_VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    app: str
    way: Way
    callee: str
    # Whose request is sent.
    method: Method
    # As it travels.
    path: str
    trick: str
    verb: str
    token: TokenKind
    expected: Answer

    def __str__(self) -> str:
        return (
            f"{self.app} {self.way} to {self.callee}, {self.verb} {self.path} ({self.trick}), "
            f"token: {self.token.name}"
        )


# What an attacker does to a name that a policy knows. None of these is a method that exists.
TRICKS: dict[str, Callable[[Method], str]] = {
    "upper case": lambda method: method.path.upper(),
    "lower case": lambda method: f"{method.service}/{method.name.lower()}",
    "two slashes before": lambda method: f"/{method.path}",
    "two slashes between": lambda method: f"{method.service}//{method.name}",
    "%2F for the slash": lambda method: f"{method.service}%2F{method.name}",
    "%67 for a letter": lambda method: (
        f"{method.service}/%{ord(method.name[0]):x}{method.name[1:]}"
    ),
    "../ out of nowhere": lambda method: f"/x/..{method.path}",
    "../ out of health": lambda method: f"/grpc.health.v1.Health/Check/../..{method.path}",
    "./ between": lambda method: f"{method.service}/./{method.name}",
    "slash behind": lambda method: f"{method.path}/",
    "space behind": lambda method: f"{method.path}%20",
    "question behind": lambda method: f"{method.path}?x=1",
    "semicolon behind": lambda method: f"{method.path};x=1",
    "star": lambda method: f"{method.service}/*",
    "unknown method": lambda method: f"{method.service}/DropEverything",
    "unknown version": lambda method: f"{method.service.replace('.v1.', '.v2.')}/{method.name}2",
    "service alone": lambda method: method.service,
}
_TRICKED_TOKENS = (NO_TOKEN, *STRONGEST)


def every_case(locks: Locks) -> Iterator[Case]:
    """Every case of one pass."""
    yield from _plain(locks)
    yield from _tricked(locks)
    if locks is Locks.BOTH:
        yield from _of_nobodys_service()
        yield from _as_stranger()
        yield from _by_http()


def expected(app: str, way: Way, method: Method, token: TokenKind, locks: Locks) -> Answer:
    if way is Way.STRAIGHT:
        is_health = method.path.startswith("/grpc.health.")
        return Answer.RAN if is_health else Answer.PAST_THE_SIDECAR
    first = Answer.RAN if locks is Locks.NO_POLICY else said_by_the_policy(app, method)
    if first is not Answer.RAN or locks is Locks.UNCHECKED:
        return first
    return said_by_the_token_check(method, token)


def _plain(locks: Locks) -> Iterator[Case]:
    # With the token check off nobody looks at a token but to hand it on: the strongest ones stand for all.
    tokens = _TRICKED_TOKENS if locks is Locks.UNCHECKED else TOKENS
    for method in METHODS:
        for token in tokens:
            for app, way in _ways(method.callee, locks):
                answer = expected(app, way, method, token, locks)
                yield _case(app, way, method, token, answer)


def _tricked(locks: Locks) -> Iterator[Case]:
    # Methods of one service bend into the same name now and then; one case of each is enough.
    bent = {
        (method.callee, bend(method)): (method, trick)
        for method in METHODS
        for trick, bend in TRICKS.items()
    }
    for place, ((callee, path), (method, trick)) in enumerate(bent.items()):
        for turn, (app, way) in enumerate(_ways(callee, locks)):
            # daprd's policy looks at a name as it is after cleaning ("//", "./", "../"), and hands it on as it was:
            # an app gets past it with a bent name of what it may call anyway. No service knows such a name; the app
            # without locks, which stands there in the pass of the policy alone, takes any.
            if locks is Locks.UNCHECKED and app in method.apps:
                continue
            token = _taking_turns(place + turn)
            yield _case(app, way, method, token, Answer.REFUSED, path=path, trick=trick)


def _taking_turns(turn: int) -> TokenKind:
    """Each bent name is tried by every app, and with every one of these tokens, but not each app with each token.

    The policy sees app and name, the token check sees name and token: no lock sees all three.
    """
    return _TRICKED_TOKENS[turn % len(_TRICKED_TOKENS)]


def _of_nobodys_service() -> Iterator[Case]:
    """Apps that serve nobody are asked too."""
    by_path = {method.path: method for method in METHODS}
    for callee in (CONNECTOR, COMMAND, BFF):
        for method in by_path.values():
            for app in _others(callee):
                yield _case(app, Way.SIDECAR, method, STRONGEST[-1], Answer.POLICY, callee=callee)


def _as_stranger() -> Iterator[Case]:
    for method in METHODS:
        for app in _others(method.callee):
            for token in _TRICKED_TOKENS:
                yield _case(app, Way.SIDECAR_AS_STRANGER, method, token, Answer.STRANGER)


def _by_http() -> Iterator[Case]:
    for place, method in enumerate(METHODS):
        for verb_place, verb in enumerate(HTTP_VERBS):
            for turn, app in enumerate(_others(method.callee)):
                yield _case(
                    app,
                    Way.SIDECAR,
                    method,
                    _taking_turns(place + verb_place + turn),
                    Answer.REFUSED,
                    trick="invoked over HTTP",
                    verb=verb,
                )


def _others(callee: str) -> list[str]:
    # daprd takes a call of an app to itself for a call to the app behind it: no policy is asked, and nobody makes one.
    return [app for app in APPS if app != callee]


def _ways(callee: str, locks: Locks) -> list[tuple[str, Way]]:
    through = [(app, Way.SIDECAR) for app in _others(callee)]
    # What stands behind the sidecars while the tokens are unchecked has no lock of its own.
    return through if locks is Locks.UNCHECKED else [*through, ("anyone", Way.STRAIGHT)]


def _case(
    app: str, way: Way, method: Method, token: TokenKind, answer: Answer, /, **bent: str
) -> Case:
    said = {"callee": method.callee, "path": method.path, "trick": "as it is", "verb": GRPC}
    return Case(app=app, way=way, method=method, token=token, expected=answer, **(said | bent))
