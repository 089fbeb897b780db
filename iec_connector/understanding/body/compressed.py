"""``Payload/Compressed``: base64 of gzip of XML, as a stranger sent it.

Also taken: zlib or bare deflate instead of gzip, no compression at all, base64 with the alphabet of URLs, with line
breaks or behind ``data:...;base64,``, twice encoded; hexadecimal digits; uuencode, which Message.xsd names; XML as
plain text.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib

from iec_connector.understanding.unreadable import Reason, Unreadable

_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_BARE_DEFLATE = -zlib.MAX_WBITS
_CHUNK = 1 << 20
_BEFORE_XML = b"\xef\xbb\xbf\xff\xfe\0\t\n\r "
_HEXADECIMAL = re.compile(r"(?:[0-9A-Fa-f]{2})+", re.ASCII)
# How hexadecimal digits begin when they encode gzip, zlib or XML.
_HEXADECIMAL_STARTS = ("1f8b", "7801", "785e", "789c", "78da", "3c", "efbbbf3c")


def inflate(text: str, limit: int) -> bytes:
    """The bytes in the text of a ``Compressed`` element; at most ``limit``.

    Raises:
        Unreadable: ``COMPRESSED_UNREADABLE`` or ``INFLATED_TOO_LARGE``, without a place.
    """
    stripped = text.strip()
    if stripped.startswith("<"):
        return _within(stripped.encode(errors="surrogatepass"), limit)
    data = _decoded(stripped)
    if not data:
        raise _unreadable("it is empty")
    if _is_xml(data):
        return _within(data, limit)
    try:
        return _inflated(data, limit, _GZIP_OR_ZLIB)
    except Unreadable as unreadable:
        if unreadable.reason is not Reason.COMPRESSED_UNREADABLE:
            raise
        other = _read_otherwise(data, limit)
        if other is None:
            raise
        return other


def _read_otherwise(data: bytes, limit: int) -> bytes | None:
    """Bare deflate, or base64 in base64; ``None`` when it gives no XML."""
    try:
        # Garbage must not be inflated before it is known for what it is.
        start = zlib.decompressobj(_BARE_DEFLATE).decompress(data, len(_BEFORE_XML))
    except zlib.error:
        start = b""
    if _is_xml(start):
        return _inflated(data, limit, _BARE_DEFLATE)
    try:
        inner = _base64_decoded(data.decode("ascii"))
    except (UnicodeDecodeError, Unreadable):
        return None
    return _within(inner, limit) if _is_xml(inner) else _inflated(inner, limit, _GZIP_OR_ZLIB)


def _is_xml(data: bytes) -> bool:
    return data.lstrip(_BEFORE_XML)[:1] == b"<"


def _within(data: bytes, limit: int) -> bytes:
    if len(data) > limit:
        raise Unreadable(Reason.INFLATED_TOO_LARGE, f"it takes more than {limit} bytes")
    return data


def _inflated(data: bytes, limit: int, window: int) -> bytes:
    inflated: list[bytes] = []
    size = 0
    while data:
        stream = zlib.decompressobj(window)
        while not stream.eof:
            try:
                chunk = stream.decompress(data, min(_CHUNK, limit + 1 - size))
            except zlib.error:
                raise _unreadable("neither gzip nor zlib, or damaged") from None
            size += len(chunk)
            if size > limit:
                raise Unreadable(
                    Reason.INFLATED_TOO_LARGE, f"it inflates to more than {limit} bytes"
                )
            inflated.append(chunk)
            data = stream.unconsumed_tail
            if not chunk and not data and not stream.eof:
                raise _unreadable("it ends too early")
        # A gzip file may consist of several, one after the other; zeros after the last are padding.
        data = stream.unused_data.lstrip(b"\0")
    return b"".join(inflated)


def deflate(data: bytes) -> str:
    """The text of a ``Compressed`` element for ``data``; the same for the same data."""
    compressor = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    return base64.b64encode(compressor.compress(data) + compressor.flush()).decode("ascii")


def _decoded(text: str) -> bytes:
    if text.startswith("begin "):
        return _uudecoded(text)
    if text[:5].lower() == "data:" and "," in text[:200]:
        text = text.partition(",")[2]
    packed = "".join(text.split())
    if packed[:8].lower().startswith(_HEXADECIMAL_STARTS) and _HEXADECIMAL.fullmatch(packed):
        return bytes.fromhex(packed)
    return _base64_decoded(packed)


def _base64_decoded(text: str) -> bytes:
    packed = "".join(text.split()).rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)
    except ValueError:
        raise _unreadable("not base64") from None


def _uudecoded(text: str) -> bytes:
    lines = text.strip("\r\n").splitlines()[1:]
    decoded: list[bytes] = []
    try:
        for line in lines:
            if line.strip() in ("end", "`", ""):
                break
            decoded.append(binascii.a2b_uu(line))
    except ValueError:
        raise _unreadable("not uuencode") from None
    return b"".join(decoded)


def _unreadable(what: str) -> Unreadable:
    return Unreadable(
        Reason.COMPRESSED_UNREADABLE, f"the compressed payload cannot be read: {what}"
    )
