"""Texts under names."""

from collections.abc import Mapping

import strawberry


@strawberry.type(description="A text under a name.")
class NamedText:
    name: str
    value: str


def named_texts(told: Mapping[str, str]) -> list[NamedText]:
    return [NamedText(name=name, value=told[name]) for name in sorted(told)]
