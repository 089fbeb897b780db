"""What is remembered of messages is bounded, whatever a sender invents."""

from __future__ import annotations

from iec_connector.understanding.element import Element, Vocabulary
from iec_connector.understanding.remembered import (
    LONGEST_REMEMBERED,
    MOST_REMEMBERED,
    remembered,
)
from tests.specs.connector.understanding.samples import etree_of


def test_a_text_is_worked_out_once_and_a_giant_one_each_time() -> None:
    asked: list[str] = []

    @remembered
    def length(text: str) -> int:
        asked.append(text)
        return len(text)

    giant = "a" * (LONGEST_REMEMBERED + 1)
    assert [length("abc"), length("abc"), length(giant), length(giant)] == [3, 3, 301, 301]
    assert asked == ["abc", giant, giant]


def test_texts_that_are_never_the_same_push_each_other_out() -> None:
    asked: list[str] = []

    @remembered
    def same(text: str) -> str:
        asked.append(text)
        return text

    for number in range(MOST_REMEMBERED + 1):
        same(str(number))
    assert same("0") == "0"
    assert len(asked) == MOST_REMEMBERED + 2


def test_tags_are_remembered_for_all_documents_and_within_bounds() -> None:
    namespaces = ("http://iec.ch/*", "urn:test:remembered")
    first, second = Vocabulary(namespaces), Vocabulary(namespaces)
    for number in range(MOST_REMEMBERED + 10):
        assert first.name(f"{{http://iec.ch/x}}Tag{number}") == f"tag{number}"
    assert first.name("{http://iec.ch/x}" + "A" * 400) == "a" * 400
    assert first.name("{http://vendor.example/x}Meter") == ""
    assert first.names is second.names
    assert len(first.names) <= MOST_REMEMBERED
    assert all(len(tag) <= LONGEST_REMEMBERED for tag in first.names)


def test_what_one_source_allows_another_may_not() -> None:
    tag = "{http://vendor.example/x}Meter"
    assert Vocabulary(("*",)).name(tag) == "meter"
    assert Vocabulary(("",)).name(tag) == ""
    assert Vocabulary(("*",)).name(tag) == "meter"


def test_children_are_the_same_however_they_are_asked_for() -> None:
    root = Element(
        etree_of(
            '<a xmlns:v="http://vendor.example/x"><b>1</b><c x="y"/><B> 2 </B><v:b>3</v:b><b><d/></b></a>'
        ),
        Vocabulary(("",)),
    )
    assert root.texts("b") == ["1", "2", ""]
    assert [child.own_text for child in root.all("b")] == ["1", "2", ""]
    assert [child.name for child in root] == ["b", "c", "b", "", "b"]
    assert [child.is_leaf for child in root.branches("b")] == [False]
    assert root.all("b") == [child for child in root if child.name == "b"]
    assert [child.name for child in root.all_of(("c", "x", "b"))] == ["c", "b", "b", "b"]
    assert (root.text("x", "b"), root.text("c"), root.all("v")) == ("1", "", [])
    assert root.holds_any(frozenset({"c"}))
    assert not root.holds_any(frozenset({"v"}))


def test_two_leaves_are_a_pair_unless_something_else_is_there() -> None:
    def pair(inside: str, *, may_hold_nil: bool = False) -> tuple[str, str] | None:
        root = etree_of(f'<a xmlns:v="http://vendor.example/x">{inside}</a>')
        return Element(root, Vocabulary(("",), may_hold_nil=may_hold_nil)).pair("name", "value")

    assert pair("<name> n </name><value>?</value>") == ("n", "")
    assert pair("<Name>n</Name><Value>1</Value>") == ("n", "1")
    for other in (
        "<value>1</value><name>n</name>",
        "<name>n</name>",
        "<name>n</name><value><x/></value>",
        "<name>n</name><value>1</value><unit>V</unit>",
        "<name>n</name><v:value>1</v:value>",
    ):
        assert pair(other) is None
    assert pair("<name>n</name><value>1</value>", may_hold_nil=True) is None
