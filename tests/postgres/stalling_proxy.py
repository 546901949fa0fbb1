"""A TCP proxy that can fall silent or cut its lines: a network between us and the database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import trio


class StallingProxy:
    """Passes bytes on while `flowing`; a stalled one takes connections and says nothing."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._lines: list[trio.SocketStream] = []
        self.flowing = trio.Event()
        self.flowing.set()
        self.port = 0

    def stall(self) -> None:
        """From now on nothing passes."""
        self.flowing = trio.Event()

    def flow(self) -> None:
        """What has waited passes, and everything after it."""
        self.flowing.set()

    async def cut(self) -> None:
        """Closes every line without a word."""
        lines, self._lines = self._lines, []
        for line in lines:
            await trio.aclose_forcefully(line)

    async def serve(self, task_status: trio.TaskStatus[None]) -> None:
        """Until cancelled."""
        async with trio.open_nursery() as nursery:
            listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
            self.port = listeners[0].socket.getsockname()[1]
            nursery.start_soon(trio.serve_listeners, self._handle, listeners)
            task_status.started()

    async def _handle(self, line: trio.SocketStream) -> None:
        server = await trio.open_tcp_stream("127.0.0.1", self._target_port)
        self._lines += [line, server]
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._pass_on, line, server)
            nursery.start_soon(self._pass_on, server, line)

    async def _pass_on(self, source: trio.SocketStream, target: trio.SocketStream) -> None:
        with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
            async for part in source:
                await self.flowing.wait()
                await target.send_all(part)
            await target.aclose()


@asynccontextmanager
async def stalling_proxy(target_port: int) -> AsyncIterator[StallingProxy]:
    """Running until the block ends."""
    proxy = StallingProxy(target_port)
    async with trio.open_nursery() as nursery:
        await nursery.start(proxy.serve)
        yield proxy
        nursery.cancel_scope.cancel()
