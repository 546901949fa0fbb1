"""The chaos run's wall clocks jump, or its blows by clock would strike nobody."""

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.end_to_end.jumping_clock import JumpingClock, build_jumping_clocks

TELLER = """
import sys, time
for line in sys.stdin:
    print(time.time(), time.monotonic(), flush=True)
"""


def test_a_running_process_sees_its_clock_jump_and_its_stop_watch_does_not(
    tmp_path: Path,
) -> None:
    """Ahead, behind and right again, seen by the very next look, within one process's life."""
    clock = JumpingClock(build_jumping_clocks(tmp_path / "clocks"), "teller")
    with subprocess.Popen(
        [sys.executable, "-c", TELLER],
        env={**os.environ, **clock.environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as teller:
        assert teller.stdin is not None
        assert teller.stdout is not None
        for shift_seconds in (0.0, 3600.0, -1800.5, 0.0):
            clock.jump_to(shift_seconds)
            earliest = time.time(), time.monotonic()
            teller.stdin.write("?\n")
            teller.stdin.flush()
            wall, watch = (float(word) for word in teller.stdout.readline().split())
            assert earliest[0] <= wall - shift_seconds + 0.001 <= time.time() + 0.002
            assert earliest[1] <= watch <= time.monotonic()
        teller.stdin.close()
