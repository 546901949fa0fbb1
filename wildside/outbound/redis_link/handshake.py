"""From an address to a connection that may be used: sockets, TLS, Sentinels, the first words."""

from __future__ import annotations

from collections.abc import Sequence

import trio
from hiredis import Reader, ReplyError

from wildside.outbound.redis_link.address import Login, Node, RedisAddress
from wildside.outbound.redis_link.errors import RedisAway, RedisError
from wildside.outbound.redis_link.speech import pack, refusal

RECEIVE_BYTES = 65_536
SENTINEL_SECONDS = 1.0  # one that is silent must not keep us from asking the next


async def open_stream(address: RedisAddress, name: str, moved_to: Node | None) -> _Opened:
    """A connection to the Redis that takes writes, logged in, speaking RESP3.

    Raises OSError, trio's resource errors, RedisAway or RedisError where there is none.
    """
    node = moved_to or await _current_node(address)
    stream = await _dial(address, node)
    try:
        reader = await _greet(stream, address.login, name)
        if address.service is not None:
            await _refuse_replica(stream, reader, node)
    except BaseException:
        await trio.aclose_forcefully(stream)
        raise
    return stream, reader, node


_Opened = tuple[trio.abc.Stream, Reader, Node]


async def _current_node(address: RedisAddress) -> Node:
    if address.service is None:
        return address.nodes[0]
    why = "there is no Sentinel"
    for sentinel in address.nodes:
        try:
            with trio.fail_after(SENTINEL_SECONDS):
                return await _ask_sentinel(address, sentinel, address.service)
        except (
            OSError,
            RedisAway,
            RedisError,
            trio.TooSlowError,
            trio.BrokenResourceError,
        ) as error:
            why = f"{sentinel}: {error or type(error).__name__}"
    raise RedisAway(f"no Sentinel knows the master of {address.service} ({why})")


async def _ask_sentinel(address: RedisAddress, sentinel: Node, service: str) -> Node:
    stream = await _dial(address, sentinel)
    try:
        reader = await _greet(stream, address.sentinel_login, "wildside")
        asked = ("SENTINEL", "GET-MASTER-ADDR-BY-NAME", service)
        (found,) = await _converse(stream, reader, [asked])
    finally:
        await trio.aclose_forcefully(stream)
    if not isinstance(found, list):
        raise RedisAway(f"the Sentinel does not know {service}")
    host, port = found
    return Node(host.decode(), int(port))


async def _dial(address: RedisAddress, node: Node) -> trio.abc.Stream:
    if node.path is not None:
        return await trio.open_unix_socket(node.path)
    plain = await trio.open_tcp_stream(node.host, node.port)
    # Commands are small and sent together already: waiting for more of them only costs time.
    plain.setsockopt(trio.socket.IPPROTO_TCP, trio.socket.TCP_NODELAY, 1)
    if address.tls is None:
        return plain
    secured = trio.SSLStream(plain, address.tls, server_hostname=node.host)
    await secured.do_handshake()
    return secured


async def _greet(stream: trio.abc.Stream, login: Login, name: str) -> Reader:
    reader = Reader()
    hello: list[str] = ["HELLO", "3"]
    if login.password:
        hello += ["AUTH", login.username or "default", login.password]
    words = [(*hello, "SETNAME", name)]
    if login.database:
        words.append(("SELECT", str(login.database)))
    await _converse(stream, reader, words)
    return reader


async def _refuse_replica(stream: trio.abc.Stream, reader: Reader, node: Node) -> None:
    """A Sentinel may be behind: who was the master a moment ago takes no writes any more."""
    (role,) = await _converse(stream, reader, [("ROLE",)])
    if not isinstance(role, list) or role[0] != b"master":
        raise RedisAway(f"{node} is not the master")


async def _converse(
    stream: trio.abc.Stream, reader: Reader, words: Sequence[tuple[str, ...]]
) -> list[object]:
    await stream.send_all(b"".join(pack(word) for word in words))
    answers: list[object] = []
    while len(answers) < len(words):
        answer = reader.gets()
        if answer is False:
            received = await stream.receive_some(RECEIVE_BYTES)
            if not received:
                raise RedisAway("Redis closed the connection")
            reader.feed(bytes(received))
        elif isinstance(answer, ReplyError):
            raise refusal(str(answer))
        else:
            answers.append(answer)
    return answers
