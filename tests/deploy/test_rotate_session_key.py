"""The roll-out of a new session key to several servers: nobody is signed out at any moment of it."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.town import NOON
from wildside.domain.accounts import User
from wildside.domain.identifiers import UserId
from wildside.domain.key_rotation import fingerprint
from wildside.inbound.http.session_cookie import CookieJar, CookieRules, NotBelieved

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "deploy" / "scripts" / "rotate_session_key.sh"
OLDER, OLD = "a" * 128, "b" * 128
MURIEL = User(UserId(UUID(int=7)), "Muriel", NOON, NOON)


@dataclass
class Cluster:
    """A folder in which a stand-in for kubectl acts."""

    folder: Path

    @property
    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "cluster.json").read_text())
        return found

    def change(self, **fields: Any) -> None:
        (self.folder / "cluster.json").write_text(json.dumps(self.state | fields))

    def keys(self) -> list[str]:
        """What the secret holds."""
        state = self.state
        return base64.b64decode(state["data"][state["data_key"]]).decode().split()

    def calls(self) -> list[list[str]]:
        return [json.loads(line) for line in (self.folder / "calls.log").read_text().splitlines()]

    def rotate(self, *options: str) -> subprocess.CompletedProcess[str]:
        """The script with the stand-in first on the path."""
        environment = {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "STAND_IN_CLUSTER": str(self.folder),
            "TMPDIR": str(self.folder / "tmp"),
        }
        return subprocess.run(
            [str(SCRIPT), "--namespace", "walks", *options],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    """Three servers whose secret holds two keys, and something that is none of the script's business."""
    text = f"{OLDER}\n{OLD}\n"
    state = {
        "namespace": "walks",
        "secret": "wildside-session",
        "deployment": "wildside-server",
        "data_key": "session_key",
        "data": {
            "session_key": base64.b64encode(text.encode()).decode(),
            "other": base64.b64encode(b"kept").decode(),
        },
        "version": 7,
        "pods": [text] * 3,
        "states": [],
        "rollouts": 0,
        "stuck_rollout": 0,
        "meddler": False,
    }
    (tmp_path / "cluster.json").write_text(json.dumps(state))
    (tmp_path / "tmp").mkdir()
    program = tmp_path / "bin" / "kubectl"
    program.parent.mkdir()
    stand_in = Path(__file__).with_name("stand_in_kubectl.py")
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{stand_in}" "$@"\n')
    program.chmod(0o755)
    return Cluster(tmp_path)


def jar(text: str) -> CookieJar:
    """A server's cookies, of the keys it has read."""
    return CookieJar(text.split(), CookieRules())


def cookie(text: str) -> bytes:
    return jar(text).session_cookie(MURIEL, NOON).split(b";")[0]


def test_no_cookie_meets_a_server_that_does_not_know_its_key(cluster: Cluster) -> None:
    """At every moment of both roll-outs: whichever server signs, every server verifies."""
    done = cluster.rotate()
    assert done.returncode == 0, done.stderr
    states = cluster.state["states"]
    assert len(states) == 6
    before = cookie(f"{OLDER}\n{OLD}\n")
    for pods in states:
        for signing in pods:
            for verifying in pods:
                jar(verifying).open_session(cookie(signing), NOON)
        for verifying in pods:
            jar(verifying).open_session(before, NOON)


def test_the_new_key_signs_in_the_end(cluster: Cluster) -> None:
    """Announced before the signing key first, last of all then; the rest of the secret stays."""
    done = cluster.rotate()
    older, old, new = cluster.keys()
    assert (older, old, len(new)) == (OLDER, OLD, 128)
    announced = cluster.state["states"][2][0].split()
    assert announced == [OLDER, new, OLD]
    assert cluster.state["pods"] == [f"{OLDER}\n{OLD}\n{new}\n"] * 3
    assert base64.b64decode(cluster.state["data"]["other"]) == b"kept"
    assert f"key {fingerprint(new)} signs" in done.stderr


def test_two_rotations_make_two_keys(cluster: Cluster) -> None:
    """Each of its own."""
    cluster.rotate()
    cluster.rotate()
    keys = cluster.keys()
    assert keys[:2] == [OLDER, OLD]
    assert len(set(keys)) == len(keys) == 4


def test_only_so_many_keys_are_kept(cluster: Cluster) -> None:
    """The oldest goes, once the new one signs."""
    assert cluster.rotate("--keep", "2").returncode == 0
    old, new = cluster.keys()
    assert old == OLD
    with pytest.raises(NotBelieved):
        jar(f"{old}\n{new}\n").open_session(cookie(OLDER), NOON)


def test_no_key_is_shown_or_left_lying_about(cluster: Cluster) -> None:
    """Neither among arguments, which anybody on the machine can read, nor in output or files."""
    done = cluster.rotate()
    new = cluster.keys()[-1]
    for key in (OLDER, OLD, new):
        encoded = base64.b64encode(key.encode()).decode()[:40]
        for text in (done.stdout, done.stderr, json.dumps(cluster.calls())):
            assert key not in text
            assert encoded not in text
    assert not list((cluster.folder / "tmp").iterdir())


def test_a_stuck_roll_out_leaves_the_new_key_unused(cluster: Cluster) -> None:
    """Some servers know it, none signs with it; the next run gets through."""
    cluster.change(stuck_rollout=1)
    done = cluster.rotate()
    assert done.returncode == 1
    assert "nothing signs with it" in done.stderr
    assert cluster.keys()[-1] == OLD
    assert cluster.rotate().returncode == 0
    assert cluster.keys()[-1] not in {OLDER, OLD}
    for pods in cluster.state["states"]:
        for signing in pods:
            for verifying in pods:
                jar(verifying).open_session(cookie(signing), NOON)


def test_a_stuck_second_roll_out_signs_nobody_out(cluster: Cluster) -> None:
    """Servers disagree about who signs, and all verify."""
    cluster.change(stuck_rollout=2)
    done = cluster.rotate()
    assert done.returncode == 1
    assert "nobody is signed out" in done.stderr
    pods = cluster.state["pods"]
    assert len(set(pods)) == 2
    for signing in pods:
        for verifying in pods:
            jar(verifying).open_session(cookie(signing), NOON)


def test_of_two_who_rotate_at_once_one_is_refused(cluster: Cluster) -> None:
    """The secret was changed since it was read: nothing is overwritten."""
    cluster.change(meddler=True)
    done = cluster.rotate()
    assert done.returncode == 1
    assert "somebody else" in done.stderr
    assert cluster.keys() == [OLDER, OLD]
    assert cluster.state["rollouts"] == 0


def test_a_leaked_key_is_gone_at_once(cluster: Cluster) -> None:
    """One roll-out, one key; cookies of the others are worth nothing."""
    done = cluster.rotate("--emergency")
    assert done.returncode == 0, done.stderr
    (new,) = cluster.keys()
    assert cluster.state["rollouts"] == 1
    for pod in cluster.state["pods"]:
        with pytest.raises(NotBelieved):
            jar(pod).open_session(cookie(OLD), NOON)
        jar(pod).open_session(cookie(new), NOON)


def test_a_secret_without_keys_is_refused(cluster: Cluster) -> None:
    """A misspelt name must not make a new secret."""
    for options in (["--data-key", "absent"], ["--secret", "absent"]):
        done = cluster.rotate(*options)
        assert done.returncode == 1
        assert "secret" in done.stderr
    assert cluster.keys() == [OLDER, OLD]


@pytest.mark.parametrize(
    "options",
    [["--keep", "0"], ["--keep", "x"], ["--keep"], ["--data-key", "a.b}"], ["--quick"]],
)
def test_wrong_usage_is_told(cluster: Cluster, options: list[str]) -> None:
    """Exit code 2, and nobody is called."""
    done = cluster.rotate(*options)
    assert done.returncode == 2
    assert "usage:" in done.stderr
    assert not (cluster.folder / "calls.log").exists()


def test_help_is_no_fault(cluster: Cluster) -> None:
    """Exit code 0."""
    done = cluster.rotate("--help")
    assert (done.returncode, done.stdout.startswith("usage:")) == (0, True)
