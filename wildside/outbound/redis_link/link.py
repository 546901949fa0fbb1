"""A Redis that is asked like a function: connected again and again, each question with a deadline."""

from __future__ import annotations

import random
import ssl
from collections.abc import Callable, Sequence
from typing import Any, Literal

import structlog
import trio
from hiredis import ReplyError
from redis._parsers.response_callbacks import get_response_callbacks
from redis.commands.core import AsyncCoreCommands
from redis.event import EventDispatcher
from redis.exceptions import NoScriptError

from wildside.outbound.redis_link.address import Node, RedisAddress
from wildside.outbound.redis_link.errors import WRONG_NODE, MovedError, RedisAway, RedisError
from wildside.outbound.redis_link.handshake import open_stream
from wildside.outbound.redis_link.script import Script
from wildside.outbound.redis_link.speech import Word, pack, refusal
from wildside.outbound.redis_link.wire import Wire, in_words

ANSWER_SECONDS = 5.0  # longer than any pause of a healthy Redis, fork and slow disk included
CONNECT_SECONDS = 3.0
PATIENCE_SECONDS = 2.0  # how long after its loss questions wait for a connection to come back
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 2.0  # a Redis that is back is noticed within this, by all and not at once
_CANNOT_CONNECT = (
    OSError,
    ssl.SSLError,
    trio.TooSlowError,
    trio.BrokenResourceError,
    RedisAway,
    RedisError,
)

log = structlog.get_logger("wildside")


class RedisLink(AsyncCoreCommands):
    """One connection for everybody in this process; run it below a supervisor.

    Every command of redis-py is a method here. A blocking one (BLPOP, XREAD BLOCK) would hold up
    all others: it takes a link of its own, and blocks for less than `answer_seconds`.

    Redis Cluster: everything Wildside keeps lies in one slot, and the link goes where `MOVED`
    points. Sentinel: the master is asked for anew at each connection.
    """

    # redis-py's types tell by this that its methods are to be awaited.
    _is_async_client: Literal[True] = True
    # Nobody listens to its events here.
    _event_dispatcher = EventDispatcher()

    def __init__(
        self,
        address: RedisAddress,
        name: str = "wildside",
        *,
        answer_seconds: float = ANSWER_SECONDS,
        patience_seconds: float = PATIENCE_SECONDS,
        dice: random.Random | None = None,
    ) -> None:
        self._address = address
        self._name = name
        self._answer_seconds = answer_seconds
        self._patience_seconds = patience_seconds
        self._dice = dice or random.Random()
        self._channels: dict[bytes, Callable[[bytes], None]] = {}
        self._when_connected: list[Callable[[], None]] = []
        self._wire: Wire | None = None
        self._up = trio.Event()
        self._moved_to: Node | None = None
        self._fault: str | None = "not connected yet"
        self._away_since: float | None = None
        self.connections = 0
        self.response_callbacks = get_response_callbacks(3, legacy_responses=False)

    @property
    def fault(self) -> str | None:
        """Why Redis cannot be asked right now; None while it can."""
        return self._fault

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Keeps a connection until cancelled; begins without waiting for the first one."""
        self._away_since = trio.current_time()
        task_status.started()
        pause_seconds = FIRST_PAUSE_SECONDS
        while True:
            wire = await self._connect()
            if wire is not None:
                asked_at = trio.current_time()
                await self._use(wire)
                # One that was lost at once is as good as none: the next must not follow at once.
                if trio.current_time() - asked_at > LONGEST_PAUSE_SECONDS:
                    pause_seconds = FIRST_PAUSE_SECONDS
            await trio.sleep(pause_seconds * self._dice.uniform(0.5, 1.0))
            pause_seconds = min(LONGEST_PAUSE_SECONDS, pause_seconds * 2)

    async def ask(self, *words: Word, again: bool = False) -> Any:
        """One command; its answer as Redis gives it, texts as bytes.

        Raises redis.exceptions.ResponseError where Redis refuses, RedisAway where it does not
        answer. `again`: doing it twice does no harm, so it is asked again after a lost connection.
        """
        wire = self._wire
        packed = pack(words)
        if wire is None:
            return await self._ask_patiently(packed, again=again)
        try:
            answer = await wire.ask(packed)
        except RedisAway as away:
            self._let_go(wire)
            if again or not away.maybe_done:
                return await self._ask_patiently(packed, again=again)
            raise
        if answer.__class__ is ReplyError:
            return await self._after_refusal(wire, answer, packed, again=again)
        return answer

    async def run_script(
        self,
        script: Script,
        keys: Sequence[str],
        *words: Word,
        again: bool = False,
    ) -> Any:
        """What the script returns; it is sent once to each Redis, later only named."""
        try:
            return await self.ask("EVALSHA", script.sha, len(keys), *keys, *words, again=again)
        except NoScriptError:
            return await self.ask("EVAL", script.text, len(keys), *keys, *words, again=again)

    def subscribe(self, channel: str, hear: Callable[[bytes], None]) -> None:
        """Hands `hear` every message of the channel from now on, over every connection to come.

        What is published while there is no connection is not heard: see `when_connected`.
        """
        self._channels[channel.encode()] = hear
        if self._wire is not None:
            self._wire.tell(pack(("SUBSCRIBE", channel)))

    def unsubscribe(self, channel: str) -> None:
        """Hears no more of it."""
        self._channels.pop(channel.encode(), None)
        if self._wire is not None:
            self._wire.tell(pack(("UNSUBSCRIBE", channel)))

    def when_connected(self, begin: Callable[[], None]) -> None:
        """Calls `begin`, which must not wait, after each connection; subscriptions are under way."""
        self._when_connected.append(begin)

    async def execute_command(self, *words: Any, **options: Any) -> Any:
        """What redis-py's own methods call: the answer in redis-py's own forms."""
        options.pop("keys", None)
        name = str(words[0]).upper()
        answer = await self.ask(*name.split(), *words[1:])
        form = self.response_callbacks.get(name)
        return answer if form is None else form(answer, **options)

    async def _connect(self) -> Wire | None:
        try:
            with trio.fail_after(CONNECT_SECONDS):
                stream, reader, node = await open_stream(self._address, self._name, self._moved_to)
        except _CANNOT_CONNECT as error:
            self._moved_to = None
            self._now_away(f"cannot connect: {in_words(error)}")
            return None
        log.info("redis connected", link=self._name, node=str(node))
        return Wire(stream, reader, answer_seconds=self._answer_seconds, hear=self._hear)

    async def _use(self, wire: Wire) -> None:
        self._wire, self._fault = wire, None
        self.connections += 1
        if self._channels:
            wire.tell(pack(("SUBSCRIBE", *self._channels)))
        self._up.set()
        for begin in self._when_connected:
            begin()
        try:
            why = await wire.run()
        finally:
            self._let_go(wire)
        self._now_away(why)

    def _now_away(self, why: str) -> None:
        if self._fault != why:
            log.warning("redis away", link=self._name, why=why)
        self._fault = why

    async def _ask_patiently(self, packed: bytes, *, again: bool) -> Any:
        """Waits for the next connection, and for the one after it where the command may be repeated.

        Patience is counted from the loss of the connection: with Redis away for longer, each
        question is refused at once, or a walker would wait for all of them.
        """
        with trio.move_on_after(self._patience_left()):
            while True:
                while self._wire is None:
                    await self._up.wait()
                wire = self._wire
                try:
                    answer = await wire.ask(packed)
                except RedisAway as away:
                    self._let_go(wire)
                    if again or not away.maybe_done:
                        continue
                    raise
                if not isinstance(answer, ReplyError):
                    return answer
                error = refusal(str(answer))
                if not self._leave(wire, error):
                    raise error
        raise RedisAway(f"Redis is away: {self._fault or 'it does not answer'}", maybe_done=again)

    def _patience_left(self) -> float:
        if self._wire is not None or self._away_since is None:
            return self._patience_seconds
        return max(0.0, self._away_since + self._patience_seconds - trio.current_time())

    async def pause(self, seconds: float) -> None:
        """For whoever asks again and again: so long, and a while longer where there is no connection."""
        await trio.sleep(seconds)
        with trio.move_on_after(self._patience_seconds):
            while self._wire is None:
                await self._up.wait()

    async def _after_refusal(
        self, wire: Wire, answer: object, packed: bytes, *, again: bool
    ) -> Any:
        error = refusal(str(answer))
        if self._leave(wire, error):
            return await self._ask_patiently(packed, again=again)
        raise error

    def _leave(self, wire: Wire, error: Exception) -> bool:
        """Whether another node is to be asked: nothing was done here."""
        if isinstance(error, MovedError):
            self._moved_to = Node(error.host, error.port)
        elif not isinstance(error, WRONG_NODE):
            return False
        wire.break_off(str(error))
        self._let_go(wire)
        return True

    def _hear(self, pushed: list[bytes]) -> None:
        if pushed[0] != b"message":
            return
        hear = self._channels.get(pushed[1])
        if hear is not None:
            hear(pushed[2])

    def _let_go(self, wire: Wire) -> None:
        """Nobody asks a broken wire twice; those who wait go on waiting for the next."""
        if self._wire is wire:
            self._wire, self._up = None, trio.Event()
            self._away_since = trio.current_time()
