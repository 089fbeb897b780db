"""A view of an XML tree as real messages need it.

Names are local and in lower case (field messages get case and prefixes wrong), but only those in namespaces
of the allow-list count; ``?`` is a placeholder for nothing; text is trimmed. Attributes of XML Schema (``xsi:type``)
are no data, and an element with ``xsi:nil="true"`` counts as absent. Children are read only when needed: most of a
message with a hundred thousand readings is never touched from Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iec_connector.understanding.unreadable import Reason, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    trimmed = (text or "").strip()
    return "" if trimmed == _PLACEHOLDER else trimmed


class Vocabulary:
    """Which tags of one document count, and under which name. Belongs to one document, and goes with it."""

    def __init__(self, namespaces: tuple[str, ...], within: str = "") -> None:
        self._namespaces = namespaces
        self.names: dict[str, str] = {}
        self._allowed: dict[str, bool] = {}
        self.within = within

    def name(self, tag: str) -> str:
        """Local name in lower case; empty when the namespace is not allowed."""
        name = self.names.get(tag)
        if name is None:
            uri, _, local = tag[1:].rpartition("}") if tag[0] == "{" else ("", "", tag)
            allowed = self._allowed.get(uri)
            if allowed is None:
                allowed = self._allowed[uri] = self._allows(uri)
            name = self.names[tag] = local.lower() if allowed else ""
        return name

    def _allows(self, uri: str) -> bool:
        return uri in SOAP_NAMESPACES or any(
            uri == pattern or (pattern.endswith("*") and uri.startswith(pattern[:-1]))
            for pattern in self._namespaces
        )


class Element:
    """One element. ``name`` is empty when its namespace is not allowed."""

    __slots__ = ("_attributes", "_children", "_fields", "_vocabulary", "name", "node", "tag")

    # No link to the parent: a tree with links both ways waits for the garbage collector, which at
    # hundreds of messages a second takes a fifth of all time.
    def __init__(self, node: etree._Element, vocabulary: Vocabulary) -> None:
        self.node = node
        # Comments and processing instructions, whose tag is no text, are not in the tree (see document).
        self.tag: str = node.tag  # type: ignore[assignment]
        name = vocabulary.names.get(self.tag)
        self.name = vocabulary.name(self.tag) if name is None else name
        self._vocabulary = vocabulary
        self._attributes: dict[str, str] | None = None
        self._children: list[Element] | None = None
        self._fields: dict[str, list[Element]] | None = None

    def __iter__(self) -> Iterator[Element]:
        """The children, those of foreign namespaces too."""
        return iter(self._seen())

    def all(self, name: str) -> list[Element]:
        """The children of that name (lower case)."""
        fields = self._fields
        if fields is None:
            fields = self._by_name()
        return fields.get(name, [])

    def holds_any(self, names: frozenset[str]) -> bool:
        """Whether a child or an attribute may have one of those names: ``text`` and ``all`` find nothing if not."""
        fields = self._fields
        if fields is None:
            fields = self._by_name()
        return not names.isdisjoint(fields) or len(self.node.attrib) > 0

    def first(self, *names: str) -> Element | None:
        """The first child of the first of those names that there is."""
        fields = self._fields
        if fields is None:
            fields = self._by_name()
        for name in names:
            if name in fields:
                return fields[name][0]
        return None

    def text(self, *names: str) -> str:
        """The first text under one of those names: a child's, else an attribute's; else empty."""
        fields = self._fields
        if fields is None:
            fields = self._by_name()
        for name in names:
            for child in fields.get(name, ()):
                text = value_of(child.node.text)
                if text:
                    return text
        # Most elements have none, which is known from the first look on.
        return "" if self._attributes == {} else self.attribute(*names)

    def attribute(self, *names: str) -> str:
        """The first attribute of one of those names, without regard to its namespace; else empty.

        Raises:
            Unreadable: ``XML_TOO_COMPLEX``.
        """
        attributes = self._attributes
        if attributes is None:
            if len(self.node.attrib) > _MOST_ATTRIBUTES:
                # lxml looks each of them up from the first on: ten thousand take a second.
                raise Unreadable(
                    Reason.XML_TOO_COMPLEX,
                    f"{self.written_name} has more than {_MOST_ATTRIBUTES} attributes",
                    at=self,
                )
            attributes = self._attributes = {
                local_name(key).lower(): value
                for key, value in self.node.items()
                if not (key[0] == "{" and any(mark in key for mark in _NOT_DATA))
            }
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

    def _seen(self) -> list[Element]:
        """The children; read once."""
        children = self._children
        if children is None:
            vocabulary = self._vocabulary
            children = self._children = [
                Element(node, vocabulary) for node in self.node if node.get(_NIL) not in _TRUE
            ]
        return children

    def _by_name(self) -> dict[str, list[Element]]:
        fields = self._fields
        if fields is None:
            fields = self._fields = {}
            for child in self._seen():
                if child.name:
                    fields.setdefault(child.name, []).append(child)
        return fields
