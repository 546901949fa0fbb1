"""The server's side of bench.sockets: our doors with many walkers, told what to do over stdin.

python -m bench.sockets_ours WALKERS

Prints one JSON line for each command: `begin` (port and cookies), `rss`, `publish RATE SECONDS`.
"""

import gc
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import trio

from tests.http.doors import Doors, the_doors
from wildside.app import GC_THRESHOLDS
from wildside.domain.accounts import User
from wildside.domain.identifiers import RequestId, TraceId, UserId
from wildside.domain.progress import Progress, Stage

A_TICK_SECONDS = 0.005
PAGE_BYTES = 4096


def rss_bytes() -> int:
    """What the process holds in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES


async def walkers_of(doors: Doors, count: int) -> list[User]:
    """So many walkers, stored at once."""
    now = doors.town.clock.now()
    users = [User(UserId(UUID(int=10_000_000 + number)), "W", now, now) for number in range(count)]
    async with doors.town.storage.write() as work:
        for user in users:
            await work.accounts.add(user)
    return users


async def publish(doors: Doors, users: list[User], rate: int, seconds: float) -> dict[str, Any]:
    """So many statuses a second, each to the next walker; what is due is told in small batches."""
    began, told = time.monotonic(), 0
    cpu_began = time.process_time()
    late_most = 0.0
    while (passed := time.monotonic() - began) < seconds:
        due = int(passed * rate)
        late_most = max(late_most, (due - told) / rate)
        for number in range(told, due):
            doors.town.news.publish(
                Progress(
                    request_id=RequestId(UUID(int=number + 1)),
                    user_id=users[number * 7919 % len(users)].id,
                    stage=Stage.IN_PROGRESS,
                    percent=50,
                    updated_at=doors.town.clock.now(),
                    # The moment it was told, by a clock that both processes read alike.
                    trace_id=TraceId(str(time.monotonic_ns())),
                )
            )
        told = due
        await trio.sleep(A_TICK_SECONDS)
    return {"told": told, "cpu_share": (time.process_time() - cpu_began) / seconds}


async def main(count: int) -> None:
    """Serves until stdin ends."""
    with tempfile.TemporaryDirectory() as name:
        async with the_doors(Path(name)) as doors, doors.served() as running:
            users = await walkers_of(doors, count)
            now = doors.town.clock.now()
            cookies = [
                doors.house.cookies.session_cookie(user, now).split(b";")[0].decode()
                for user in users
            ]
            gc.collect()
            gc.freeze()
            gc.set_threshold(*GC_THRESHOLDS)
            while command := (await trio.to_thread.run_sync(sys.stdin.readline)).split():
                answer: dict[str, Any] = {}
                if command[0] == "begin":
                    answer = {"port": running.port, "cookies": cookies}
                elif command[0] == "rss":
                    gc.collect()
                    answer = {
                        "rss": rss_bytes(),
                        "open": doors.sockets.open_sockets,
                        "cpu": time.process_time(),
                    }
                elif command[0] == "publish":
                    answer = await publish(doors, users, int(command[1]), float(command[2]))
                sys.stdout.write(json.dumps(answer) + "\n")
                sys.stdout.flush()


if __name__ == "__main__":
    trio.run(main, int(sys.argv[1]))
