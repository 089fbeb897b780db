"""A view of an XML tree as real messages need it.

Names are local and in lower case (field messages get case and prefixes wrong), but only those in namespaces
of the allow-list count; ``?`` is a placeholder for nothing; text is trimmed. Attributes of XML Schema (``xsi:type``)
are no data, and an element with ``xsi:nil="true"`` counts as absent. Children are read only when needed: most of a
message with a hundred thousand readings is never touched from Python.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from iec_connector.understanding.remembered import LONGEST_REMEMBERED, MOST_REMEMBERED
from iec_connector.understanding.unreadable import Reason, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lxml import etree

SOAP_NAMESPACES = frozenset(
    {"http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"}
)
# What a schema's processor says to itself: never data.
_NOT_DATA = ("XMLSchema-instance}", "http://www.w3.org/XML/1998/namespace}")
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_TRUE = ("true", "1")
_PLACEHOLDER = "?"
_LONGEST_SHOWN = 100
_MOST_ATTRIBUTES = 1_000


def local_name(tag: str) -> str:
    """``EndDeviceEvents`` of ``{http://iec.ch/TC57/2011/EndDeviceEvents#}EndDeviceEvents``."""
    return tag.rpartition("}")[2]


def namespace(tag: str) -> str:
    """The namespace of a tag, or ``""``."""
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""


def value_of(text: str | None) -> str:
    """Trimmed text; a placeholder is nothing."""
    if not text:
        return ""
    trimmed = text.strip()
    return "" if trimmed == _PLACEHOLDER else trimmed


class Vocabulary:
    """Which tags of one document count, and under which name. Belongs to one document, and goes with it.

    What it learns about tags it shares with the other documents of such namespaces. ``within``: where the document
    stands. ``may_hold_nil``: whether an element of it may be ``xsi:nil``.
    """

    def __init__(
        self, namespaces: tuple[str, ...], within: str = "", *, may_hold_nil: bool = True
    ) -> None:
        self._namespaces = namespaces
        self.names = _names_within(namespaces)
        self.within = within
        self.may_hold_nil = may_hold_nil

    def name(self, tag: str) -> str:
        """Local name in lower case; empty when the namespace is not allowed."""
        name = self.names.get(tag)
        if name is None:
            uri, _, local = tag[1:].rpartition("}") if tag[0] == "{" else ("", "", tag)
            name = local.lower() if self._allows(uri) else ""
            if len(tag) <= LONGEST_REMEMBERED:
                if len(self.names) >= MOST_REMEMBERED:
                    self.names.clear()
                self.names[tag] = name
        return name

    def _allows(self, uri: str) -> bool:
        return uri in SOAP_NAMESPACES or any(
            uri == pattern or (pattern.endswith("*") and uri.startswith(pattern[:-1]))
            for pattern in self._namespaces
        )


def may_hold_nil(text: str) -> bool:
    """Whether the document of this text may have an attribute ``nil``: names cannot be written another way."""
    return "nil" in text


@lru_cache(maxsize=64)
def _names_within(namespaces: tuple[str, ...]) -> dict[str, str]:
    """The names of the tags that were met, where these namespaces are allowed; bounded by `Vocabulary.name`."""
    del namespaces
    return {}


class Element:
    """One element. ``name`` is empty when its namespace is not allowed."""

    __slots__ = (
        "_attributes",
        "_children",
        "_nodes",
        "_views",
        "_vocabulary",
        "name",
        "node",
        "tag",
    )

    # No link to the parent: a tree with links both ways waits for the garbage collector, which at
    # hundreds of messages a second takes a fifth of all time.
    def __init__(self, node: etree._Element, vocabulary: Vocabulary) -> None:
        self.node = node
        # Comments and processing instructions, whose tag is no text, are not in the tree (see document).
        tag: str = node.tag  # type: ignore[assignment]
        self.tag = tag
        name = vocabulary.names.get(tag)
        self.name = vocabulary.name(tag) if name is None else name
        self._vocabulary = vocabulary
        self._attributes: dict[str, str] | None = None
        # Most children are only asked for their text: they get no view before one is wanted.
        self._nodes: dict[str, list[etree._Element]] | None = None
        self._views: dict[str, list[Element]] | None = None
        self._children: list[Element] | None = None

    def __iter__(self) -> Iterator[Element]:
        """The children, those of foreign namespaces too."""
        return iter(self._seen())

    def all(self, name: str) -> list[Element]:
        """The children of that name (lower case)."""
        nodes = self._nodes
        if nodes is None:
            nodes = self._by_name()
        held = nodes.get(name)
        if held is None:
            return []
        views = self._views
        if views is None:
            views = self._views = {}
        found = views.get(name)
        if found is None:
            vocabulary = self._vocabulary
            found = views[name] = [Element(node, vocabulary) for node in held]
        return found

    def all_of(self, names: Iterable[str]) -> list[Element]:
        """The children of the first of those names, then those of the second, and so on."""
        nodes = self._nodes
        if nodes is None:
            nodes = self._by_name()
        return [child for name in names if name in nodes for child in self.all(name)]

    def pair(self, first: str, second: str) -> tuple[str, str] | None:
        """The texts of two children of those names; ``None`` when there are others, or one of them has children."""
        node, vocabulary = self.node, self._vocabulary
        if len(node) != 2 or vocabulary.may_hold_nil:  # noqa: PLR2004
            return None
        one, two = node
        if vocabulary.name(one.tag) != first or vocabulary.name(two.tag) != second:  # type: ignore[arg-type]
            return None
        return None if len(one) or len(two) else (value_of(one.text), value_of(two.text))

    def holds_any(self, names: frozenset[str]) -> bool:
        """Whether a child or an attribute may have one of those names: ``text`` and ``all`` find nothing if not."""
        nodes = self._nodes
        if nodes is None:
            nodes = self._by_name()
        return not names.isdisjoint(nodes) or self._has_attributes()

    def first(self, *names: str) -> Element | None:
        """The first child of the first of those names that there is."""
        nodes = self._nodes
        if nodes is None:
            nodes = self._by_name()
        for name in names:
            if name in nodes:
                return self.all(name)[0]
        return None

    def branches(self, name: str) -> list[Element]:
        """The children of that name that have children."""
        nodes = self._nodes
        if nodes is None:
            nodes = self._by_name()
        if any(map(len, nodes.get(name, ()))):
            return [child for child in self.all(name) if not child.is_leaf]
        return []

    def texts(self, name: str) -> list[str]:
        """The own text of each child of that name."""
        nodes = self._nodes
        if nodes is None:
            nodes = self._by_name()
        return [value_of(node.text) for node in nodes.get(name, ())]

    def text(self, *names: str) -> str:
        """The first text under one of those names: a child's, else an attribute's; else empty."""
        nodes = self._nodes
        if nodes is None:
            nodes = self._by_name()
        for name in names:
            held = nodes.get(name)
            if held is not None:
                for node in held:
                    text = value_of(node.text)
                    if text:
                        return text
        # Most elements have none, which is known from the first look on.
        return "" if self._attributes == {} else self.attribute(*names)

    def attribute(self, *names: str) -> str:
        """The first attribute of one of those names, without regard to its namespace; else empty.

        Raises:
            Unreadable: ``XML_TOO_COMPLEX``.
        """
        attributes = self._attributes_by_name()
        if attributes:
            for name in names:
                value = value_of(attributes.get(name))
                if value:
                    return value
        return ""

    def name_of(self, child: etree._Element) -> str:
        """Return the name of a child without making a view; ``""`` when its namespace is not allowed."""
        return self._vocabulary.name(child.tag)  # type: ignore[arg-type]

    def of(self, child: etree._Element) -> Element:
        """The view of one node below, without looking at its neighbours."""
        return Element(child, self._vocabulary)

    @property
    def own_text(self) -> str:
        """The text before the first child."""
        return value_of(self.node.text)

    @property
    def written_name(self) -> str:
        """The local name in its own case, for people; a giant one is cut."""
        return local_name(self.tag)[:_LONGEST_SHOWN]

    @property
    def namespace(self) -> str:
        """The namespace, or ``""``."""
        return namespace(self.tag)

    @property
    def is_nil(self) -> bool:
        """Whether ``xsi:nil`` says that it is not there. Its parent does not show it then."""
        return self.node.get(_NIL) in _TRUE

    @property
    def is_leaf(self) -> bool:
        """Return whether it has no child elements."""
        return len(self.node) == 0

    @property
    def place(self) -> str:
        """XPath of local names with line, e.g. ``/EventMessage/Payload/MeterConfig/Meter[2], line 41``."""
        steps: list[str] = []
        node: etree._Element | None = self.node
        while node is not None:
            tag: str = node.tag  # type: ignore[assignment]
            before = sum(1 for _ in node.itersiblings(tag, preceding=True))
            several = before or next(node.itersiblings(tag), None) is not None
            steps.append(local_name(tag)[:_LONGEST_SHOWN] + (f"[{before + 1}]" if several else ""))
            node = node.getparent()
        path = "/".join(reversed(steps))
        return f"{self._vocabulary.within}/{path}, line {self.node.sourceline}"

    def _has_attributes(self) -> bool:
        if self._attributes is None and not self.node.keys():
            self._attributes = {}
        return self._attributes != {}

    def _attributes_by_name(self) -> dict[str, str]:
        """The attributes that are data, by local name in lower case; read once."""
        attributes = self._attributes
        if attributes is None:
            keys = self.node.keys()
            if len(keys) > _MOST_ATTRIBUTES:
                # lxml looks each value up from the first attribute on: ten thousand take a second.
                raise Unreadable(
                    Reason.XML_TOO_COMPLEX,
                    f"{self.written_name} has more than {_MOST_ATTRIBUTES} attributes",
                    at=self,
                )
            attributes = self._attributes = {
                local_name(key).lower(): value
                for key, value in (self.node.items() if keys else ())
                if not (key[0] == "{" and any(mark in key for mark in _NOT_DATA))
            }
        return attributes

    def _seen(self) -> list[Element]:
        """The children; read once."""
        children = self._children
        if children is None:
            vocabulary = self._vocabulary
            children = [Element(node, vocabulary) for node in self._child_nodes()]
            views: dict[str, list[Element]] = {}
            for child in children:
                views.setdefault(child.name, []).append(child)
            self._children, self._views = children, views
        return children

    def _child_nodes(self) -> Iterable[etree._Element]:
        if not self._vocabulary.may_hold_nil:
            return self.node
        return [node for node in self.node if node.get(_NIL) not in _TRUE]

    def _by_name(self) -> dict[str, list[etree._Element]]:
        """The nodes of children of allowed namespaces; read once."""
        nodes: dict[str, list[etree._Element]] = {}
        vocabulary = self._vocabulary
        names = vocabulary.names
        for node in self._child_nodes():
            tag: str = node.tag  # type: ignore[assignment]
            name = names.get(tag)
            if name is None:
                name = vocabulary.name(tag)
            if name in nodes:
                nodes[name].append(node)
            elif name:
                nodes[name] = [node]
        self._nodes = nodes
        return nodes
