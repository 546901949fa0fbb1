"""What the link to Redis promises, against a real redis-server that is well and one that is not."""

import random
import signal
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import trio
import trio.testing
from redis.exceptions import OutOfMemoryError, ResponseError

from tests.redis.stalling_proxy import stalling_proxy
from tests.redis_server import RedisServer, free_port, linked, started
from wildside.outbound.redis_link.address import Login, Node, read_address
from wildside.outbound.redis_link.errors import RedisAway
from wildside.outbound.redis_link.link import RedisLink
from wildside.outbound.redis_link.script import Script
from wildside.outbound.redis_link.wire import MOST_UNDERWAY


async def until_up(link: RedisLink, connections: int = 1) -> None:
    """Waits for the so manieth connection."""
    with trio.fail_after(10):
        while link.fault is not None or link.connections < connections:
            await link._up.wait()


async def until_away(link: RedisLink) -> None:
    """Waits until the link has noticed."""
    with trio.fail_after(10):
        while link.fault is None:  # noqa: ASYNC110 - no event tells of it
            await trio.sleep(0.005)


async def test_redis_own_methods_answer_in_their_own_forms(redis_server: RedisServer) -> None:
    """redis-py builds the commands and reads the answers; only the connection is ours."""
    async with linked(redis_server.url) as link:
        assert await link.set("a", "1", ex=100) is True
        assert await link.get("a") == b"1"
        assert await link.get("nothing") is None
        assert await link.hset("h", mapping={"x": "1", "y": "2"}) == 2
        assert await link.hgetall("h") == {b"x": b"1", b"y": b"2"}
        assert (await link.info("server"))["redis_mode"] == "standalone"
        first = await link.xadd("s", {"k": "v"})
        assert await link.xrange("s") == [(first, {b"k": b"v"})]
        assert await link.config_get("maxmemory") == {"maxmemory": "0"}


async def test_a_refusal_is_raised_where_it_was_asked_and_disturbs_nobody(
    redis_server: RedisServer,
) -> None:
    """Three questions at once, one of them wrong."""
    answers: dict[str, object] = {}
    async with linked(redis_server.url) as link:

        async def ask(name: str, *words: str) -> None:
            try:
                answers[name] = await link.ask(*words)
            except ResponseError as error:
                answers[name] = error

        await link.set("a", "text")
        async with trio.open_nursery() as nursery:
            nursery.start_soon(ask, "one", "ECHO", "1")
            nursery.start_soon(ask, "wrong", "LPUSH", "a", "b")
            nursery.start_soon(ask, "two", "ECHO", "2")
        assert await link.get("a") == b"text"
    assert (answers["one"], answers["two"]) == (b"1", b"2")
    assert isinstance(answers["wrong"], ResponseError)


async def test_answers_never_reach_another_asker_whoever_leaves(redis_server: RedisServer) -> None:
    """Two thousand askers, half of whom are cancelled at a random moment."""
    dice = random.Random(7)
    wrong: list[tuple[str, object]] = []
    patient = heard = 0

    async def ask(link: RedisLink, word: str, patience_seconds: float) -> None:
        nonlocal heard
        with trio.move_on_after(patience_seconds):
            answer = await link.ask("ECHO", word)
            heard += 1
            if answer != word.encode():
                wrong.append((word, answer))

    async with linked(redis_server.url) as link:
        await until_up(link)
        async with trio.open_nursery() as nursery:
            for number in range(2000):
                patience_seconds = dice.choice([dice.uniform(0, 0.02), 10.0])
                patient += patience_seconds == 10.0
                nursery.start_soon(ask, link, f"word {number}", patience_seconds)
        assert await link.ask("ECHO", "last") == b"last"
    assert wrong == []
    assert 900 < patient <= heard < 2000


async def test_many_questions_share_few_packets(redis_server: RedisServer) -> None:
    """Implicit pipelining: what is asked in one turn of the loop is sent in one go."""
    async with linked(redis_server.url) as link:
        await link.ask("PING")
        admin = redis_server.admin()
        before = int(admin.info("stats")["total_reads_processed"])
        async with trio.open_nursery() as nursery:
            for _ in range(500):
                nursery.start_soon(link.ask, "INCR", "count")
        reads = int(admin.info("stats")["total_reads_processed"]) - before
        assert await link.get("count") == b"500"
    assert reads < 50


async def test_whoever_asks_too_much_at_once_waits_for_room(redis_server: RedisServer) -> None:
    """A Redis that stands still is not buried under commands; all are answered in the end."""
    asked = MOST_UNDERWAY + 500
    done = 0
    async with linked(redis_server.url) as link:
        await until_up(link)
        wire = link._wire
        assert wire is not None

        async def ask() -> None:
            nonlocal done
            await link.ask("INCR", "count")
            done += 1

        redis_server.signal(signal.SIGSTOP)
        async with trio.open_nursery() as nursery:
            for _ in range(asked):
                nursery.start_soon(ask)
            await trio.testing.wait_all_tasks_blocked(0.01)
            assert len(wire._slots) == MOST_UNDERWAY
            redis_server.signal(signal.SIGCONT)
    assert done == asked


async def test_redis_comes_and_goes(own_redis: RedisServer) -> None:
    """A restart in order and one by kill -9: what was answered is there afterwards."""
    async with linked(own_redis.url) as link:
        await link.set("a", "1")
        for number, end in enumerate((own_redis.stop, own_redis.kill), start=2):
            end()
            await until_away(link)
            own_redis.start()
            assert await link.get("a") == b"1"
            assert link.connections >= number


async def test_a_question_waits_for_the_connection_to_come_back(own_redis: RedisServer) -> None:
    """A restart of Redis costs a walker a moment, not an error."""
    async with linked(own_redis.url, patience_seconds=10) as link:
        await link.set("a", "1")
        own_redis.kill()
        await until_away(link)
        answers: list[object] = []

        async def ask() -> None:
            answers.append(await link.get("a"))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(ask)
            await trio.testing.wait_all_tasks_blocked(0.01)
            own_redis.start()
        assert answers == [b"1"]


async def test_patience_is_lost_once_and_not_with_every_question(own_redis: RedisServer) -> None:
    """The first question after the loss waits; once that was in vain the next ones are refused at once."""
    async with linked(own_redis.url, patience_seconds=0.5) as link:
        await link.ping()
        own_redis.kill()
        with pytest.raises(RedisAway):
            await link.ask("GET", "a", again=True)
        began_at = trio.current_time()
        for _ in range(20):
            with pytest.raises(RedisAway):
                await link.ask("GET", "a", again=True)
        assert trio.current_time() - began_at < 20 * 0.5 / 2
        own_redis.start()
        with trio.fail_after(10):
            while link.fault is not None:
                await link.pause(0.0)
        assert await link.ask("GET", "a", again=True) is None


async def test_patience_has_an_end_and_says_why() -> None:
    """Nobody listens there: the asker hears RedisAway, not silence."""
    async with linked(f"redis://127.0.0.1:{free_port()}/0", patience_seconds=0.1) as link:
        with pytest.raises(RedisAway, match="away") as away:
            await link.ping()
        assert not away.value.maybe_done
        assert link.fault is not None


async def test_a_frozen_redis_is_given_up_after_the_deadline(own_redis: RedisServer) -> None:
    """SIGSTOP: the kernel still takes our bytes, but nobody answers."""
    async with linked(own_redis.url, answer_seconds=0.3, patience_seconds=0.2) as link:
        await link.set("a", "1")
        own_redis.signal(signal.SIGSTOP)
        with pytest.raises(RedisAway, match="no answer within") as away:
            await link.incr("a")
        assert away.value.maybe_done, "it was sent: who asks must not simply ask again"
        own_redis.signal(signal.SIGCONT)
        await until_up(link, 2)
        assert await link.get("a") in {b"1", b"2"}


async def test_a_silent_peer_is_noticed_though_nobody_asks(own_redis: RedisServer) -> None:
    """A subscription would otherwise wait for ever on a machine that is gone."""
    async with linked(own_redis.url, answer_seconds=0.1) as link:
        await link.ping()
        own_redis.signal(signal.SIGSTOP)
        await until_away(link)
        own_redis.signal(signal.SIGCONT)
        await until_up(link, 2)


async def test_stalls_of_half_a_second_are_waited_out(redis_server: RedisServer) -> None:
    """Slow is not broken: every answer arrives, over the same connection."""
    async with stalling_proxy(redis_server.port) as proxy, linked(proxy.url) as link:
        await link.ping()
        numbers: list[int] = []

        async def count() -> None:
            numbers.append(await link.incr("count"))

        for _ in range(2):
            proxy.stall()
            async with trio.open_nursery() as nursery:
                for _ in range(100):
                    nursery.start_soon(count)
                await trio.sleep(0.5)
                proxy.flow()
        assert sorted(numbers) == list(range(1, 201))
        assert link.connections == 1


async def test_a_cut_connection_costs_what_was_under_way_and_no_more(
    redis_server: RedisServer,
) -> None:
    """Those asked in vain are told that it may have been done; what may be repeated is repeated."""
    async with stalling_proxy(redis_server.port) as proxy, linked(proxy.url) as link:
        await link.set("a", "1")
        outcomes: list[str] = []

        async def once() -> None:
            try:
                await link.ask("INCR", "once")
            except RedisAway as away:
                outcomes.append("maybe" if away.maybe_done else "never")

        async def repeated() -> None:
            assert await link.ask("GET", "a", again=True) == b"1"
            outcomes.append("found")

        proxy.stall()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(once)
            nursery.start_soon(repeated)
            await trio.testing.wait_all_tasks_blocked(0.02)
            proxy.cut()
            proxy.flow()
        assert sorted(outcomes) == ["found", "maybe"]
        assert link.connections == 2


async def fill(link: RedisLink) -> None:
    """Ten megabytes."""
    for number in range(100):
        await link.set(f"filler {number}", "x" * 100_000)


async def test_a_full_redis_refuses_writes_and_answers_reads() -> None:
    """`noeviction`: nothing is thrown away behind our back."""
    for server in started("--maxmemory", "3mb", "--maxmemory-policy", "noeviction"):
        async with linked(server.url) as link:
            await link.set("kept", "1")
            with pytest.raises(OutOfMemoryError):
                await fill(link)
            assert await link.get("kept") == b"1"
            assert link.connections == 1


async def test_a_script_is_sent_once_and_again_after_redis_forgot_it(
    redis_server: RedisServer,
) -> None:
    """SCRIPT FLUSH, a restart or another master: the next call brings it along."""
    script = Script.of("return ARGV[1] .. KEYS[1]")
    async with linked(redis_server.url) as link:
        for _ in range(2):
            assert await link.run_script(script, ["k"], "a") == b"ak"
            assert await link.run_script(script, ["k"], "b") == b"bk"
            await link.script_flush()


@pytest.fixture
def guarded() -> Iterator[RedisServer]:
    """A Redis with a user who may only touch some keys."""
    yield from started(
        "--requirepass",
        "open sesame",
        "--user",
        *["walker", "on", ">se:cr@et", "~walks:*", "+@all"],
    )


async def test_a_password_lets_in(guarded: RedisServer) -> None:
    """The old way, for the default user."""
    url = f"redis://:open%20sesame@127.0.0.1:{guarded.port}/0"
    async with linked(url) as link:
        assert await link.acl_whoami() == "default"


async def test_an_acl_user_may_do_what_they_may(guarded: RedisServer) -> None:
    """And hears a clear no to the rest."""
    url = f"redis://walker:se%3Acr%40et@127.0.0.1:{guarded.port}/3"
    async with linked(url) as link:
        assert await link.acl_whoami() == "walker"
        assert await link.set("walks:1", "x") is True
        with pytest.raises(ResponseError, match="permission"):
            await link.set("other", "x")
        assert "db=3" in str(await link.ask("CLIENT", "INFO"))


async def test_a_wrong_password_is_a_fault_that_says_so_and_not_itself(
    guarded: RedisServer,
) -> None:
    """Operators read the fault; nobody reads a password."""
    url = f"redis://walker:guessed@127.0.0.1:{guarded.port}/0"
    async with linked(url, patience_seconds=0.3) as link:
        with pytest.raises(RedisAway, match="invalid username-password") as away:
            await link.ping()
        assert "guessed" not in str(away.value)
        assert "guessed" not in repr(read_address(url))


@pytest.fixture(scope="session")
def certificate() -> Iterator[tuple[Path, Path]]:
    """A certificate for localhost, and its key."""
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = Path(folder, "cert.pem"), Path(folder, "key.pem")
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=localhost"),
                *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
                *("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
                *("-keyout", str(key), "-out", str(certificate)),
            ],
            check=True,
            capture_output=True,
        )
        yield certificate, key


async def test_tls_is_spoken_and_the_certificate_looked_at(
    certificate: tuple[Path, Path],
) -> None:
    """`rediss://` with the right authority is let in, without it nobody answers to us."""
    shown, key = certificate
    port = free_port()
    options = ["--tls-port", str(port), "--tls-cert-file", str(shown), "--tls-key-file", str(key)]
    for _ in started(*options, "--tls-auth-clients", "no"):
        url = f"rediss://localhost:{port}/0"
        async with linked(f"{url}?ssl_ca_certs={shown}") as link:
            assert await link.set("a", "x" * 200_000) is True
            assert await link.strlen("a") == 200_000
        async with linked(url, patience_seconds=0.5) as link:
            with pytest.raises(RedisAway, match="CERTIFICATE_VERIFY_FAILED"):
                await link.ping()


@pytest.mark.parametrize(
    ("url", "node", "login"),
    [
        ("redis://one:7000/2", Node("one", 7000), Login("", "", 2)),
        ("redis://:p%40ss@one", Node("one"), Login("", "p@ss", 0)),
        ("redis://u:p@[::1]:7000/0", Node("::1", 7000), Login("u", "p", 0)),
        ("unix:///run/redis.sock?db=1", Node(path="/run/redis.sock"), Login("", "", 1)),
    ],
)
def test_an_address_is_read(url: str, node: Node, login: Login) -> None:
    """As redis-py reads it."""
    address = read_address(url)
    assert (address.nodes, address.login) == ((node,), login)
    assert address.tls is None


def test_sentinels_are_named_in_one_address() -> None:
    """Several of them, one service, two passwords."""
    address = read_address("rediss+sentinel://u:p@one:1,two:2,three/master/4?sentinel_password=s")
    assert address.nodes == (Node("one", 1), Node("two", 2), Node("three", 26379))
    assert (address.service, address.login) == ("master", Login("u", "p", 4))
    assert address.sentinel_login == Login("", "s", 0)
    assert isinstance(address.tls, ssl.SSLContext)


@pytest.mark.parametrize(
    "url",
    ["http://one", "redis://one/0?colour=red", "redis+sentinel://one", "redis+sentinel://one:x/m"],
)
def test_an_address_that_cannot_be_read_is_refused(url: str) -> None:
    """With an example of a good one."""
    with pytest.raises(ValueError, match=r"redis|address"):
        read_address(url)
