"""``python -m bff.graph.schema_file``: the committed schema, written again and printed; the page's documents by hash.

From the schema the router's supergraph is composed, and clients generate their code.
"""

import json
import sys
from importlib.resources import files
from pathlib import Path
from typing import Final

from bff.graph.schema import make_schema
from bff.settings import BffSettings
from bff.trusted import TrustedDocuments, sha256

_BFF: Final = Path(str(files("bff")))
SCHEMA_FILE: Final = _BFF / "schema.graphql"
TRUSTED_FILE: Final = _BFF / "trusted_documents.json"
PAGE_DOCUMENTS: Final = _BFF / "page_documents"


def schema_text() -> str:
    """Return the subgraph's schema (SDL) with its federation directives."""
    schema = make_schema(BffSettings(), TrustedDocuments({}, only=False))
    return schema.as_str().strip() + "\n"


def trusted_text() -> str:
    """Return the page's documents as the file that the bff reads: SHA-256 of each text -> text."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(PAGE_DOCUMENTS.glob("*.graphql"))]
    return json.dumps({sha256(text): text for text in texts}, indent=2) + "\n"


def main() -> None:
    text = schema_text()
    SCHEMA_FILE.write_text(text, encoding="utf-8")
    TRUSTED_FILE.write_text(trusted_text(), encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
