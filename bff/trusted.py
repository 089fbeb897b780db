"""Documents that the page was built with, by the SHA-256 of their text; where only those are served, nothing else is.

A client names one in place of its text: {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "..."}}} or
{"documentId": "sha256:..."}. Nothing is learned from clients: a hash that is not in the file stays unknown.
"""

import hashlib
import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

from bff.failures import Code, Failure

_FILE: Final = files("bff") / "trusted_documents.json"


class TrustedDocuments:
    """Those of the file; with ``only`` no others are served."""

    def __init__(self, texts: Mapping[str, str], *, only: bool) -> None:
        self._texts = texts
        self._only = only

    def text_of(
        self, query: str | None, extensions: Mapping[str, Any] | None
    ) -> str | Failure | None:
        """Return the text to run; None when none is named, a Failure when it is not served."""
        named = _hash_in(extensions or {})
        if named:
            text = self._texts.get(named)
            # The words of the protocol: its clients look for them.
            return text or Failure(
                Code.BAD_USER_INPUT, "PersistedQueryNotFound", reason="DOCUMENT_UNKNOWN"
            )
        if query and self._only and sha256(query) not in self._texts:
            return Failure(
                Code.FORBIDDEN,
                "only documents that this application knows are served here",
                reason="DOCUMENT_UNKNOWN",
            )
        return query

    def spelled_out(self, body: bytes) -> bytes:
        """Return a request's body with the text in place of its hash, for forwarding to the router.

        A body that is not a request stays as it is. Raises Failure for a document that is not served.
        """
        try:
            asked = json.loads(body)
        except (ValueError, RecursionError):
            return body
        if not isinstance(asked, dict):
            return body
        asked = with_document_id(asked)
        extensions = asked.get("extensions")
        query = asked.get("query")
        text = self.text_of(
            query if isinstance(query, str) else None,
            extensions if isinstance(extensions, dict) else None,
        )
        if isinstance(text, Failure):
            raise text
        if text is None or text == query:
            return body
        del asked["extensions"]["persistedQuery"]
        return json.dumps({**asked, "query": text}).encode()


def read_trusted_documents(*, only: bool) -> TrustedDocuments:
    """Read the documents that come with the bff."""
    return TrustedDocuments(json.loads(_FILE.read_text(encoding="utf-8")), only=only)


def with_document_id(body: dict[str, Any]) -> dict[str, Any]:
    """Return a request's body with its ``documentId``, if any, in the words of persisted queries."""
    named = body.get("documentId")
    if not isinstance(named, str):
        return body
    extensions = body.get("extensions")
    persisted = {"version": 1, "sha256Hash": named.removeprefix("sha256:")}
    rest = {name: value for name, value in body.items() if name != "documentId"}
    return rest | {
        "extensions": {
            **(extensions if isinstance(extensions, dict) else {}),
            "persistedQuery": persisted,
        }
    }


def sha256(text: str) -> str:
    # Also for a value that is not text: it is in no list, and the next reader reports it.
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _hash_in(extensions: Mapping[str, Any]) -> str:
    persisted = extensions.get("persistedQuery")
    return str(persisted.get("sha256Hash") or "") if isinstance(persisted, dict) else ""
