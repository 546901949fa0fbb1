"""The quick reader of plain requests: whatever it takes, h11 would have read the same."""

from __future__ import annotations

import h11
import pytest
import trio
from hypercorn.config import Config
from hypothesis import given
from hypothesis import strategies as st

from wildside.inbound.http.asgi import Message
from wildside.inbound.http.plain_answer import PlainAnswer
from wildside.inbound.http.plain_request import PlainRequest, plain_request

MOST = 64 * 1024
PLAIN = b"POST /api/v1/users?x=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}"


def read_by_h11(data: bytes) -> tuple[h11.Request, bytes, int] | None:
    """What h11 makes of the beginning: request, body, bytes taken; None where it refuses or waits."""
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(data)
    body = b""
    try:
        request = connection.next_event()
        if not isinstance(request, h11.Request):
            return None
        while True:
            event = connection.next_event()
            if isinstance(event, h11.EndOfMessage):
                return request, body, len(data) - len(connection.trailing_data[0])
            if not isinstance(event, h11.Data):
                return None
            body += bytes(event.data)
    except h11.RemoteProtocolError:
        return None


def agree(data: bytes) -> PlainRequest | None:
    """What the quick reader takes, having been compared with h11."""
    quick = plain_request(data, MOST)
    if quick is None:
        return None
    slow = read_by_h11(data)
    assert slow is not None, "taken, though h11 refuses it"
    request, body, taken = slow
    assert quick.method.encode() == request.method
    assert quick.target == request.target
    assert quick.headers == list(request.headers)
    assert quick.body == body
    assert quick.taken_bytes == taken
    return quick


LINES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                b"Host: a",
                b"host:b",
                b"HOST : c",
                b"Content-Length: 0",
                b"content-length: 3",
                b"Content-Length: +3",
                b"Content-Length: 3, 3",
                b"Content-Length: 0x3",
                b"Content-Length: \xb2",
                b"Transfer-Encoding: chunked",
                b"Connection: close",
                b"Connection: keep-alive",
                b"Connection: keep-alive, X",
                b"Upgrade: websocket",
                b"Expect: 100-continue",
                b" folded",
                b"X:\ty ",
                b"X: a\x00b",
                b"X: a\rb",
                b"X: \x85\xa0",
                b"No colon",
                b": no name",
                b"",
            ]
        ),
        st.binary(max_size=12),
    ),
    max_size=6,
)


@given(
    st.sampled_from(
        [b"GET / HTTP/1.1", b"PUT /a%20b?c HTTP/1.1", b"GET  / HTTP/1.1", b"get / HTTP/1.1"]
    ),
    LINES,
    st.sampled_from([b"\r\n", b"\n"]),
    st.binary(max_size=8),
)
def test_whatever_is_taken_h11_reads_the_same(
    first: bytes, lines: list[bytes], end: bytes, rest: bytes
) -> None:
    """Heads put together from what smugglers like: never another method, header, body or length."""
    agree(end.join([first, *lines, b"", b""]) + rest)


@given(st.integers(0, len(PLAIN) - 1), st.binary(max_size=3))
def test_a_plain_request_with_a_few_bytes_changed_is_read_as_h11_reads_it(
    place: int, put: bytes
) -> None:
    """Anything written over any place of a good request."""
    agree(PLAIN[:place] + put + PLAIN[place + len(put) :])


def test_a_plain_request_is_taken_and_what_follows_it_is_left() -> None:
    """Several in one piece come one after the other."""
    first = agree(PLAIN + PLAIN)
    assert first is not None
    assert (first.method, first.body, first.taken_bytes) == ("POST", b"{}", len(PLAIN))


@pytest.mark.parametrize(
    "unusual",
    [
        PLAIN[:-1],
        PLAIN.replace(b"1.1", b"1.0"),
        PLAIN.replace(b"POST", b"BREW"),
        PLAIN.replace(b"Host: a", b"X: a"),
        PLAIN.replace(b"Host: a", b"Host: a\r\nHost: a"),
        PLAIN.replace(b"Host: a", b"Host: a\r\nConnection: close"),
        PLAIN.replace(b"Host: a", b"Host: a\r\nTransfer-Encoding: chunked"),
        PLAIN.replace(b"Host: a", b"Host: a\r\nX: " + b"y" * 9000),
        PLAIN.replace(b"Length: 2", b"Length: 70000") + b"x" * 70_000,
        PLAIN.replace(b"\r\n", b"\n"),
        PLAIN.replace(b"/api", b"http://a/api"),
    ],
)
def test_what_is_not_plain_is_left_to_h11(unusual: bytes) -> None:
    """Half a request, another version, a second host, chunks, an end announced, too much."""
    assert plain_request(unusual, MOST) is None


async def answered(*messages: Message, method: str = "GET", last: bool = False) -> bytes:
    """The bytes of an answer."""
    written: list[bytes] = []

    async def write(data: bytes) -> None:
        written.append(data)

    request = PlainRequest(method, b"/", [], b"", 0)
    answer = PlainAnswer(request, write, Config(), lambda: last)
    for message in messages:
        await answer.send(message)
    return b"|".join(written)


def start(status: int = 200, *headers: tuple[bytes, bytes]) -> Message:
    """The start of an answer."""
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


def part(body: bytes, *, more: bool = False) -> Message:
    """A part of its body."""
    return {"type": "http.response.body", "body": body, "more_body": more}


async def test_an_answer_in_one_piece_leaves_in_one_write() -> None:
    """Head and body together, read back by a client."""
    data = await answered(start(200, (b"content-length", b"2")), part(b"hi"))
    assert b"|" not in data
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method="GET", target="/", headers=[("Host", "a")]))
    client.receive_data(data)
    response, body = client.next_event(), client.next_event()
    assert isinstance(response, h11.Response)
    assert isinstance(body, h11.Data)
    assert (response.status_code, bytes(body.data)) == (200, b"hi")


async def test_an_answer_in_parts_is_chunked_where_nobody_said_how_long_it_is() -> None:
    """And ends with the last chunk."""
    data = await answered(start(), part(b"one", more=True), part(b"", more=True), part(b"two"))
    head, _, body = data.partition(b"\r\n\r\n")
    assert b"transfer-encoding: chunked" in head
    assert body == b"3\r\none\r\n|3\r\ntwo\r\n0\r\n\r\n"


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 304), ("GET", 204)])
async def test_an_answer_without_a_body_has_none(method: str, status: int) -> None:
    """Whatever the application gives."""
    data = await answered(start(status, (b"content-length", b"2")), part(b"hi"), method=method)
    assert data.endswith(b"\r\n\r\n")


async def test_the_last_answer_says_so() -> None:
    """Whether the server ends or the handler does."""
    said = b"connection: close"
    assert said in await answered(start(200, (b"content-length", b"0")), part(b""), last=True)


@pytest.mark.parametrize("value", [b"a\r\nSet-Cookie: x", b"a\nb", b"a\rb", b"a\0b"])
async def test_no_header_smuggles_another(value: bytes) -> None:
    """A value that ends its line is a fault of ours, and nothing is sent."""
    with pytest.raises(ValueError, match="end of a line"):
        await answered(start(200, (b"x", value), (b"content-length", b"0")), part(b""))


async def test_a_body_is_given_once() -> None:
    """Whoever asks for more waits until the connection ends."""
    answer = PlainAnswer(PlainRequest("GET", b"/", [], b"{}", 0), _nowhere, Config(), lambda: False)
    assert (await answer.receive())["body"] == b"{}"
    with trio.move_on_after(0) as patience:
        await answer.receive()
    assert patience.cancelled_caught


async def _nowhere(data: bytes) -> None:
    """Nobody reads it."""
