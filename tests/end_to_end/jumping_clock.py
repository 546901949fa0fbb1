"""Wall clocks that jump while the processes that read them run: each has a shift of its own in a file."""

from __future__ import annotations

import shutil
import struct
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_suffix(".c")


class JumpingClock:
    """One process's time of day; its children see the same."""

    def __init__(self, folder: Path, name: str) -> None:
        self._library = folder / "jumping_clock.so"
        self._file = folder / f"{name}.shift"
        self.jump_to(0.0)

    @property
    def environment(self) -> Mapping[str, str]:
        """What a process must be started with."""
        return {"LD_PRELOAD": str(self._library), "WALL_CLOCK_SHIFT": str(self._file)}

    def jump_to(self, shift_seconds: float) -> None:
        """From now on the clock is so much ahead of the true one, or behind."""
        # Written in place: the processes have this very file mapped.
        mode = "r+b" if self._file.exists() else "wb"
        with self._file.open(mode) as file:
            file.write(struct.pack("=q", int(shift_seconds * 1e6)))


def build_jumping_clocks(folder: Path) -> Path:
    """Compiles what makes them jump; gives the folder to make clocks in."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler, which the solver needs too")
    folder.mkdir(parents=True, exist_ok=True)
    library = folder / "jumping_clock.so"
    command = [compiler, "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
    subprocess.run([*command, "-o", library, SOURCE, "-ldl"], check=True)
    return folder
