"""Reads the requests that nearly everybody sends in one look; whatever is unusual is left to h11.

A request is plain when its head is well-formed to the letter, arrived whole with its body, and asks
for nothing but an answer: no chunks, no upgrade, no 100-continue, no end of the connection, nothing
said twice that must be said once. For those, and only those, this reads what h11 would read; a test
holds the one against the other.
"""

from __future__ import annotations

import re
from typing import NamedTuple

LONGEST_HEAD_BYTES = 8192
# RFC 9112 §3 and RFC 9110 §5: a token as the name, printable characters and tabs as the value.
_HEAD = re.compile(
    rb"(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (/[!-~]*) HTTP/1\.1\r\n"
    rb"((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~\x80-\xff]*\r\n)+)\r\n"
)
_UNUSUAL = frozenset(
    {b"transfer-encoding", b"upgrade", b"expect", b"connection", b"http2-settings"}
)


class PlainRequest(NamedTuple):
    """What was asked, and how many bytes of the input it took."""

    method: str
    target: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes
    taken_bytes: int


def plain_request(data: bytes, most_body_bytes: int) -> PlainRequest | None:
    """The request at the beginning of the data, if it is a plain one and all there."""
    match = _HEAD.match(data)
    if match is None or match.end() > LONGEST_HEAD_BYTES:
        return None
    headers: list[tuple[bytes, bytes]] = []
    hosts = 0
    body_bytes = -1
    for line in match[3].split(b"\r\n")[:-1]:
        name, _, value = line.partition(b":")
        name, value = name.lower(), value.strip(b" \t")
        if name == b"host":
            hosts += 1
        elif name == b"content-length":
            if body_bytes >= 0 or not value.isdigit() or len(value) > 8:
                return None
            body_bytes = int(value)
        elif name in _UNUSUAL and (name, value.lower()) != (b"connection", b"keep-alive"):
            return None
        headers.append((name, value))
    body_bytes = max(body_bytes, 0)
    end = match.end() + body_bytes
    if hosts != 1 or body_bytes > most_body_bytes or len(data) < end:
        return None
    return PlainRequest(match[1].decode(), match[2], headers, data[match.end() : end], end)
