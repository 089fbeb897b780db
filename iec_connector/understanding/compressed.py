"""``Payload/Compressed``: base64 of gzip of XML, as a stranger sent it.

Also taken: zlib instead of gzip, no compression at all, and uuencode, which Message.xsd names.
"""

from __future__ import annotations

import base64
import binascii
import zlib

from iec_connector.understanding.unreadable import Reason, Unreadable

_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_CHUNK = 1 << 20


def inflate(text: str, limit: int) -> bytes:
    """The bytes in the text of a ``Compressed`` element; at most ``limit``.

    Raises:
        Unreadable: ``COMPRESSED_UNREADABLE`` or ``INFLATED_TOO_LARGE``, without a place.
    """
    data = _uudecoded(text) if text.lstrip().startswith("begin ") else _base64_decoded(text)
    if not data:
        raise _unreadable("it is empty")
    if data.lstrip(b"\xef\xbb\xbf\xff\xfe\0\t\n\r ")[:1] == b"<":
        return data
    inflated: list[bytes] = []
    size = 0
    while data:
        stream = zlib.decompressobj(_GZIP_OR_ZLIB)
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


def _base64_decoded(text: str) -> bytes:
    packed = "".join(text.split()).rstrip("=")
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
