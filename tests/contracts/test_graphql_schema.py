"""The committed schema is what the code says: the supergraph and clients are made from it."""

from bff.graph.schema_file import SCHEMA_FILE, schema_text


def test_the_committed_schema_is_what_the_code_says() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text(), "make schema"
