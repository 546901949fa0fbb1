"""A handler for the pool's tests: it does, in the child, whatever the request says."""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable

FOR_EVER_SECONDS = 600.0


def make_handler(
    greeting: str = "hello",
) -> Callable[[object, Callable[[object], None], Callable[[], bool]], object]:
    """The factory the pool names; an unlucky greeting fails to start."""
    if greeting == "broken":
        raise RuntimeError("no map here")
    if greeting == "deadly":
        os._exit(9)

    def handle(
        request: object, report: Callable[[object], None], cancelled: Callable[[], bool]
    ) -> object:
        match request:
            case "noop":
                return None
            case "greet":
                return greeting
            case "pid":
                return os.getpid()
            case ("echo", thing):
                return thing
            case ("count", int(top)):
                for number in range(top):
                    report(number)
                return top
            case "raise":
                raise ValueError("bad question")
            case "print":
                print("on stdout")
                print("on stderr", file=sys.stderr)
                return "printed"
            case "unpicklable":
                return lambda: None
            case "segfault":
                ctypes.string_at(0)
            case "exit":
                os._exit(3)
            case "eat":
                hoard = []
                while True:
                    hoard.append(bytearray(8 * 1024 * 1024))
            case "stop":
                os.kill(os.getpid(), signal.SIGSTOP)
            case ("hang", _):
                report("hanging")
                time.sleep(FOR_EVER_SECONDS)
            case "obey":
                report("working")
                while not cancelled():
                    time.sleep(0.001)
                report("stopping")
                return "stopped"
        return None

    return handle
