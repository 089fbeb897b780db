"""How a body is packed and written: ``content-encoding`` and the charset of ``content-type``."""

import codecs
import re
import zlib

_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?\s*([^\"';,\s]{1,40})", re.IGNORECASE)

# Encodings that real messages use. Others (punycode, idna, escapes) are slow or no encodings of text at all.
_TAKEN = re.compile(
    r"utf-8|ascii|iso8859-\d{1,2}|cp125\d|cp850|cp437|cp037|cp500|koi8-[ru]|mac-roman"
    r"|gb2312|gbk|gb18030|big5|euc_jp|euc_kr|shift_jis|utf-16-[bl]e"
)
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

_AS_IT_IS = {"", "identity", "binary", "8bit", "7bit"}
_GZIP = {"gzip", "x-gzip"}
_DEFLATE = {"deflate", "zlib"}
_MOST_LAYERS = 3
_MEASURED_BYTES = 1024 * 1024


class Unpackable(Exception):
    """The body cannot be unpacked; one sentence says why."""


def unpacked(body: bytes, content_encoding: str, limit: int) -> bytes:
    """Undo the codings that ``content-encoding`` names, the last first. Never makes more than ``limit`` bytes.

    Raises Unpackable: a coding that is not known, a body that is broken or too large.
    """
    codings = [part.strip().lower() for part in content_encoding.split(",")]
    codings = [coding for coding in codings if coding not in _AS_IT_IS]
    if len(codings) > _MOST_LAYERS:
        raise Unpackable(f"it is packed {len(codings)} times, at most {_MOST_LAYERS} are taken")
    for coding in reversed(codings):
        if coding in _GZIP:
            body = _inflated(body, 16 + zlib.MAX_WBITS, coding, limit)
        elif coding in _DEFLATE:
            # RFC 9110 means zlib's format; some senders write the bare stream.
            bare = not _is_zlib(body)
            body = _inflated(body, -zlib.MAX_WBITS if bare else zlib.MAX_WBITS, coding, limit)
        else:
            raise Unpackable(f"content-encoding {coding[:40]!r} is not known")
    return body


def inflated_size(body: bytes, limit: int) -> int:
    """Return how long zlib's stream is when it is inflated, without keeping it; ``limit + 1`` when it is longer.

    A stream without its end counts as far as it goes: Artemis leaves the end away. Raises Unpackable: it is no stream.
    """
    stream = zlib.decompressobj()
    size, rest = 0, body
    while rest and size <= limit:
        try:
            size += len(stream.decompress(rest, _MEASURED_BYTES))
        except zlib.error as error:
            raise Unpackable(f"the packed body is broken: {error}") from None
        rest = stream.unconsumed_tail
    return min(size, limit + 1)


def written_in(body: bytes, content_type: str) -> str | bytes:
    """Return the text, when ``content-type`` names a charset and the body is valid in it; else the bytes as they are.

    A byte order mark says more than a charset (RFC 7303, 3), so such a body stays as it is.
    """
    named = _CHARSET.search(content_type)
    if named is None or body.startswith(_MARKS):
        return body
    try:
        charset = codecs.lookup(named.group(1)).name
    except (LookupError, ValueError):
        return body
    if _TAKEN.fullmatch(charset) is None:
        return body
    try:
        return body.decode(charset)
    except UnicodeDecodeError:
        return body


def _is_zlib(body: bytes) -> bool:
    return len(body) > 1 and body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0  # noqa: PLR2004 - RFC 1950


def _inflated(body: bytes, window: int, coding: str, limit: int) -> bytes:
    found = bytearray()
    rest = body
    while rest:
        stream = zlib.decompressobj(window)
        try:
            found += stream.decompress(rest, limit + 1 - len(found))
        except zlib.error as error:
            raise Unpackable(f"its {coding} stream is broken: {error}") from None
        if len(found) > limit:
            raise Unpackable(f"its {coding} stream holds more than {limit} bytes")
        if not stream.eof:
            raise Unpackable(f"its {coding} stream is cut off")
        # A gzip file may have several members, and zeros after the last.
        rest = stream.unused_data.lstrip(b"\0") if window > zlib.MAX_WBITS else b""
    if not body:
        raise Unpackable(f"its {coding} stream is empty")
    return bytes(found)
