"""``python -m bff.graph.schema_file [--check]``: the committed schema, written anew and printed, or compared.

From it the router's supergraph is composed, and clients generate their code.
"""

import sys
from importlib.resources import files
from pathlib import Path
from typing import Final

from bff.graph.schema import make_schema
from bff.graph.trusted import TrustedDocuments
from bff.settings import BffSettings

SCHEMA_FILE: Final = Path(str(files("bff"))) / "schema.graphql"


def schema_text() -> str:
    """Return the subgraph's schema (SDL) with its federation directives."""
    schema = make_schema(BffSettings(), TrustedDocuments({}, only=False))
    return schema.as_str().strip() + "\n"


def main() -> None:
    text = schema_text()
    if "--check" in sys.argv[1:]:
        if SCHEMA_FILE.read_text(encoding="utf-8") != text:
            sys.exit("bff/schema.graphql is not what the code says: make schema")
        return
    SCHEMA_FILE.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
