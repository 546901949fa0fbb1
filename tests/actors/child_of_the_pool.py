"""A handler for the pool's tests: it does, in the child, whatever the request says."""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable

FOR_EVER_SECONDS = 600.0

Report = Callable[[object], None]
Cancelled = Callable[[], bool]


def make_handler(greeting: str = "hello") -> Callable[[object, Report, Cancelled], object]:
    """The factory the pool names; an unlucky greeting fails to start."""
    if greeting == "broken":
        raise RuntimeError("no map here")
    if greeting == "deadly":
        os._exit(9)

    def handle(request: object, report: Report, cancelled: Cancelled) -> object:
        if isinstance(request, tuple):
            return answer_with(request[0], request[1], report)
        if request == "greet":
            return greeting
        if request == "obey":
            return obey(report, cancelled)
        if request in DEEDS:
            return DEEDS[str(request)]()
        return None

    return handle


def answer_with(verb: str, thing: object, report: Report) -> object:
    if verb == "count" and isinstance(thing, int):
        for number in range(thing):
            report(number)
    if verb == "say":
        report(thing)
    if verb == "hang":
        report("hanging")
        time.sleep(FOR_EVER_SECONDS)
    return thing


def obey(report: Report, cancelled: Cancelled) -> str:
    report("working")
    while not cancelled():
        time.sleep(0.001)
    return "stopped"


def fail() -> None:
    raise ValueError("bad question")


def chatter() -> str:
    print("on stdout")
    print("on stderr", file=sys.stderr)
    return "printed"


class Riddle:
    """It can be pickled, and nobody can unpickle it."""

    def __reduce__(self) -> tuple[object, ...]:
        return int, ("not a number",)


def eat() -> None:
    hoard = []
    while True:
        hoard.append(bytearray(8 * 1024 * 1024))


DEEDS: dict[str, Callable[[], object]] = {
    "pid": os.getpid,
    "raise": fail,
    "print": chatter,
    "unpicklable": lambda: chatter.__code__,
    "riddle": Riddle,
    "segfault": lambda: ctypes.string_at(0),
    "exit": lambda: os._exit(3),
    "eat": eat,
    "stop": lambda: os.kill(os.getpid(), signal.SIGSTOP),
}
