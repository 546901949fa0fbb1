"""A TCP proxy that stands between a client and Redis and can be told to stall or to cut."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio


class StallingProxy:
    """Passes bytes both ways, while `flows` is set."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self.flows = trio.Event()
        self.flows.set()
        self.port = 0
        self._connections: set[trio.CancelScope] = set()

    @property
    def url(self) -> str:
        """The Redis behind it."""
        return f"redis://127.0.0.1:{self.port}/0"

    def stall(self) -> None:
        """Nothing passes from now on; connections stay open."""
        self.flows = trio.Event()

    def flow(self) -> None:
        """Everything passes again, what was held back first."""
        self.flows.set()

    def cut(self) -> None:
        """Closes every connection, in the middle of whatever is on its way."""
        for scope in self._connections:
            scope.cancel()

    async def _serve(self, client: trio.SocketStream) -> None:
        with trio.CancelScope() as scope:
            self._connections.add(scope)
            try:
                target = await trio.open_tcp_stream("127.0.0.1", self._target_port)
            except OSError:
                # Redis is away just now: so is whoever stands before it.
                await client.aclose()
                return
            async with client, target, trio.open_nursery() as nursery:
                nursery.start_soon(self._pass, client, target, scope)
                nursery.start_soon(self._pass, target, client, scope)
        self._connections.discard(scope)

    async def _pass(
        self, source: trio.SocketStream, sink: trio.SocketStream, scope: trio.CancelScope
    ) -> None:
        try:
            async for part in source:
                await self.flows.wait()
                await sink.send_all(part)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            pass
        scope.cancel()


@asynccontextmanager
async def stalling_proxy(target_port: int, port: int = 0) -> AsyncIterator[StallingProxy]:
    """The proxy, until the block ends; on a port of its own choice where none is asked for."""
    proxy = StallingProxy(target_port)
    async with trio.open_nursery() as nursery:
        (listener,) = await trio.open_tcp_listeners(port, host="127.0.0.1")
        proxy.port = listener.socket.getsockname()[1]
        nursery.start_soon(trio.serve_listeners, proxy._serve, [listener])
        yield proxy
        nursery.cancel_scope.cancel()
