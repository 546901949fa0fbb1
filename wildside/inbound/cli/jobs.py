"""`wildside jobs list|show|requeue|purge|cancel|stats|top`: the queue, as operators look after it."""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TextIO

import msgspec
import trio
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from wildside.domain.errors import Invalid, NotFound, WildsideError
from wildside.domain.jobs import JobKind, JobRecord, JobState, QueueStanding
from wildside.domain.paging import MOST_A_PAGE, PageRequest
from wildside.inbound.cli.actors import console_for
from wildside.ports import Clock, JobQueue, JobsOffice

SHORTEST_ID = 6  # the first letters of an id, as `list` shows them
SHOWN_ID = 8
LISTED = 50
TOP_LINES = 8
STATE_COLOURS = {
    JobState.WAITING: "",
    JobState.DELAYED: "yellow",
    JobState.RUNNING: "green",
    JobState.DEAD: "red",
}


@dataclass(frozen=True, slots=True)
class JobsDesk:
    """What an operator has at hand."""

    queue: JobQueue
    office: JobsOffice
    clock: Clock


OpenDesk = Callable[[], AbstractAsyncContextManager[JobsDesk]]


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declares the command and its verbs."""
    command = commands.add_parser(
        "jobs",
        help="look after the queue: list, show, requeue, purge, cancel, stats, top",
        description="Looks after the queue in REDIS_URL, or in WILDSIDE_DATA_DIR with JOBS_IN=sqlite.",
    )
    verbs = command.add_subparsers(dest="verb", metavar="VERB", required=True)
    listing = verbs.add_parser("list", help="the newest jobs, dead ones where nothing else is said")
    listing.add_argument(
        "--state", choices=[state.value for state in JobState], default=JobState.DEAD.value
    )
    listing.add_argument("--type", choices=[kind.value for kind in JobKind], help="of one type")
    listing.add_argument("--limit", type=int, default=LISTED, help=f"at most (default {LISTED})")
    _json(listing)
    show = verbs.add_parser("show", help="one job with its whole history")
    show.add_argument("job", help="its id, the first letters of it, or its key")
    _json(show)
    for verb, text in (
        ("requeue", "put a dead letter's job once more, as a first attempt"),
        ("purge", "throw a dead letter away"),
    ):
        one = verbs.add_parser(verb, help=text)
        chosen = one.add_mutually_exclusive_group(required=True)
        chosen.add_argument("job", nargs="?", help="its id, the first letters of it, or its key")
        chosen.add_argument("--all", action="store_true", help="every dead letter")
        one.add_argument("--type", choices=[kind.value for kind in JobKind], help="of one type")
    cancel = verbs.add_parser("cancel", help="take a waiting job away, stop a running one")
    cancel.add_argument("job", help="its id, the first letters of it, or its key")
    _json(verbs.add_parser("stats", help="how much there is to do"))
    top = verbs.add_parser("top", help="the same, live")
    top.add_argument("--every", type=float, default=1.0, metavar="SECONDS")


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for programs")


async def run(arguments: argparse.Namespace, opened: OpenDesk, out: TextIO, err: TextIO) -> int:
    """0 done, 1 not, with a plain sentence."""
    try:
        async with opened() as desk:
            return await _VERBS[arguments.verb](arguments, desk, console_for(out))
    except WildsideError as error:
        print(f"wildside jobs: {error}", file=err)
        return 1


async def _list(arguments: argparse.Namespace, desk: JobsDesk, console: Console) -> int:
    kind = None if arguments.type is None else JobKind(arguments.type)
    records: list[JobRecord] = []
    async for record in _records(desk.office, JobState(arguments.state), kind):
        if len(records) == arguments.limit:
            break
        records.append(record)
    if arguments.json:
        _print_json(console, [_plain(record) for record in records])
    elif records:
        console.print(_table(records, desk.clock.now()))
    else:
        console.print(f"no {arguments.state} jobs")
    return 0


async def _show(arguments: argparse.Namespace, desk: JobsDesk, console: Console) -> int:
    record = await _found(desk.office, arguments.job)
    if arguments.json:
        _print_json(console, _plain(record))
        return 0
    facts = Table.grid(padding=(0, 2))
    job = record.job
    for name, value in (
        ("id", str(job.id)),
        ("key", job.key),
        ("type", job.kind.value),
        ("state", f"{record.state.value}, for {_ago(record.since, desk.clock.now())}"),
        ("attempt", str(job.attempt)),
        ("trace", job.trace_id or ""),
        ("payload", msgspec.json.encode(job.payload).decode()),
    ):
        facts.add_row(Text(name, style="bold"), Text(value))
    console.print(facts)
    if job.history:
        past = Table("attempt", "ended", "worker", "error", box=None)
        for each in job.history:
            past.add_row(
                str(each.attempt), f"{each.ended_at:%Y-%m-%d %H:%M:%S}", each.worker, each.error
            )
        console.print(past)
    return 0


async def _requeue(arguments: argparse.Namespace, desk: JobsDesk, console: Console) -> int:
    letters = await _letters(arguments, desk.office)
    done = [letter for letter in letters if await desk.office.requeue(letter.job.id) is not None]
    console.print(f"{len(done)} put once more")
    return 0


async def _purge(arguments: argparse.Namespace, desk: JobsDesk, console: Console) -> int:
    letters = await _letters(arguments, desk.office)
    done = [letter for letter in letters if await desk.office.purge(letter.job.id)]
    console.print(f"{len(done)} thrown away")
    return 0


async def _cancel(arguments: argparse.Namespace, desk: JobsDesk, console: Console) -> int:
    record = await _found(desk.office, arguments.job)
    if record.state is JobState.DEAD:
        raise Invalid("it is dead already: requeue or purge it")
    await desk.queue.cancel(record.job.key)
    console.print("taken away" if record.state is not JobState.RUNNING else "its worker is told")
    return 0


async def _stats(arguments: argparse.Namespace, desk: JobsDesk, console: Console) -> int:
    standing = await desk.queue.standing()
    if arguments.json:
        _print_json(console, {kind.value: each for kind, each in standing.items()})
    else:
        console.print(_standing_table(standing))
    return 0


async def _top(arguments: argparse.Namespace, desk: JobsDesk, console: Console) -> int:
    with Live(console=console, screen=console.is_terminal, auto_refresh=False) as live:
        while True:
            live.update(await _view(desk), refresh=True)
            await trio.sleep(arguments.every)


async def _view(desk: JobsDesk) -> Group:
    parts: list[Table | Text] = [_standing_table(await desk.queue.standing())]
    for state in (JobState.RUNNING, JobState.WAITING, JobState.DEAD):
        page = await desk.office.page(state, None, PageRequest(TOP_LINES))
        if page.items:
            parts += [Text(), _table(page.items, desk.clock.now())]
    parts.append(Text("Ctrl-C ends", style="dim"))
    return Group(*parts)


_VERBS = {
    "list": _list,
    "show": _show,
    "requeue": _requeue,
    "purge": _purge,
    "cancel": _cancel,
    "stats": _stats,
    "top": _top,
}


async def _letters(arguments: argparse.Namespace, office: JobsOffice) -> list[JobRecord]:
    """The dead letters meant; all are found before the first is touched."""
    if not arguments.all:
        record = await _found(office, arguments.job, (JobState.DEAD,))
        return [record]
    kind = None if arguments.type is None else JobKind(arguments.type)
    return [record async for record in _records(office, JobState.DEAD, kind)]


async def _found(
    office: JobsOffice, word: str, states: Iterable[JobState] = tuple(JobState)
) -> JobRecord:
    """The one job that is meant; Invalid where it could be several."""
    matching = [
        record
        for state in states
        async for record in _records(office, state, None)
        if record.job.key == word
        or (len(word) >= SHORTEST_ID and str(record.job.id).startswith(word.lower()))
    ]
    ids = {record.job.id for record in matching}
    if not matching:
        raise NotFound(f"there is no job {word}")
    if len(ids) > 1:
        raise Invalid(f"{word} could be any of {len(ids)} jobs: say more of its id")
    return matching[0]


async def _records(
    office: JobsOffice, state: JobState, kind: JobKind | None
) -> AsyncIterator[JobRecord]:
    cursor = None
    while True:
        page = await office.page(state, kind, PageRequest(MOST_A_PAGE, cursor))
        for record in page.items:
            yield record
        cursor = page.next
        if cursor is None:
            return


def _table(records: Iterable[JobRecord], now: datetime) -> Table:
    table = Table("id", "type", "state", "for", "attempt", "key", "error", box=None)
    for record in records:
        table.add_row(
            str(record.job.id)[:SHOWN_ID],
            record.job.kind.value,
            Text(record.state.value, style=STATE_COLOURS[record.state]),
            _ago(record.since, now),
            str(record.job.attempt),
            Text(record.job.key, overflow="ellipsis", no_wrap=True),
            Text(record.error or "", style="red", overflow="fold"),
        )
    return table


def _standing_table(standing: Mapping[JobKind, QueueStanding]) -> Table:
    table = Table("type", "waiting", "delayed", "running", "oldest waits for", box=None)
    for kind, each in standing.items():
        oldest = f"{each.oldest_waiting_seconds:.1f} s" if each.waiting else ""
        figures = (str(each.waiting), str(each.delayed), str(each.running), oldest)
        table.add_row(kind.value, *figures)
    for column in table.columns[1:]:
        column.justify = "right"
    return table


def _ago(since: datetime, now: datetime) -> str:
    seconds = max(0.0, (now - since).total_seconds())
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"


def _plain(record: JobRecord) -> dict[str, object]:
    job = record.job
    return {
        "id": job.id,
        "key": job.key,
        "type": job.kind,
        "state": record.state,
        "since": record.since,
        "attempt": job.attempt,
        "error": record.error,
        "trace_id": job.trace_id,
        "payload": job.payload,
        "history": job.history,
    }


def _print_json(console: Console, value: object) -> None:
    console.file.write(msgspec.json.format(msgspec.json.encode(value)).decode() + "\n")
