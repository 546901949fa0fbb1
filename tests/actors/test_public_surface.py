"""What the package shows to the world, and what it must not drag along."""

import subprocess
import sys
from pathlib import Path

import actors

MOST_NAMES = 25
PACKAGE = Path(actors.__file__).parent


def test_the_public_surface_is_small_and_all_of_it_exists() -> None:
    """At most 25 names, each of them there, each with a word of explanation."""
    assert len(actors.__all__) <= MOST_NAMES
    assert sorted(set(actors.__all__)) == sorted(actors.__all__)
    undocumented = [
        name
        for name in actors.__all__
        if name != "current_trace" and not getattr(actors, name).__doc__
    ]
    assert undocumented == []


def test_a_child_of_the_pool_starts_without_trio() -> None:
    """The child's script imports the standard library alone: that is what makes it quick to start."""
    code = (
        "import runpy, sys; runpy.run_path(sys.argv[1]); "
        "print([name for name in sys.modules if name.split('.')[0] in ('trio', 'actors')])"
    )
    script = PACKAGE / "process_child.py"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, str(script)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
