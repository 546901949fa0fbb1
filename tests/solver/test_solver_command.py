"""`python -m solver`: one JSON object a line, and exit codes a script can rely on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from solver.__main__ import main
from solver.oplib import parse_oplib
from solver.tour_problem import told
from tests.solver.test_oplib import PLANE

KEYS = ["instance", "seed", "score", "cost", "cost_limit", "cpu_seconds", "route"]
CLASSIC = "10 1\n0 0 0\n6 0 0\n3 1 5\n3 4 7\n"


@pytest.fixture
def oplib_file(tmp_path: Path) -> Path:
    """A file of three nodes."""
    path = tmp_path / "tiny-gen9.oplib"
    path.write_text(PLANE.format(kind="EUC_2D"))
    return path


def test_every_seed_is_one_line_of_json(
    oplib_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The keys of the contract, the depot first and once, figures that the file confirms."""
    words = ["oplib", str(oplib_file), "--seconds", "0.01", "--seeds", "3", "--json", "-"]
    assert main(words) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["seed"] for line in lines] == [1, 2, 3]
    for line in lines:
        assert list(line) == KEYS
        assert (line["instance"], line["cost_limit"]) == ("tiny-gen9", 20)
        instance = parse_oplib(oplib_file.read_text())
        assert line["route"][0] == 1
        tour = told(instance.problem, tuple(node - 1 for node in line["route"][1:]))
        assert (line["score"], line["cost"]) == (tour.score + 1, tour.cost) == (13, 20)
        assert 0 < line["cpu_seconds"] < 1


def test_classic_routes_name_start_and_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A path begins at id 1 and ends at id 2; its length is that of the plane."""
    path = tmp_path / "small.txt"
    path.write_text(CLASSIC)
    assert main(["classic", str(path), "--seconds", "0.01", "--json", "-"]) == 0
    line = json.loads(capsys.readouterr().out)
    assert list(line) == KEYS
    assert line["route"] == [1, 4, 2]
    assert line["score"] == 7
    assert (line["cost"], line["cost_limit"]) == (10, 10)


def test_a_damaged_file_costs_only_itself(
    oplib_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The others are solved, each complaint is a line that names its file once, the exit code is 2."""
    broken = tmp_path / "broken.oplib"
    broken.write_text("DIMENSION : 3\nEOF\n")
    absent = tmp_path / "absent.oplib"
    words = ["oplib", str(broken), str(absent), str(oplib_file), "--seconds", "0.01", "--json", "-"]
    assert main(words) == 2
    captured = capsys.readouterr()
    assert json.loads(captured.out)["instance"] == "tiny-gen9"
    assert captured.err.splitlines() == [
        f"{broken}: COST_LIMIT is missing",
        f"{absent}: No such file or directory",
    ]


CHAO = "15 1\n0 -7 0\n0 7 0\n" + "1 6 6\n" * 62


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "a budget, a start and an end are needed"),
        ("10 1\n0 0 0\n6 0 0\n3 1", "line 4 has 2 numbers, not 3"),
        ("10 1\n0 0 0\n6 0 0\n3 nan 5\n", "not finite"),
        ("10 1\n0 0 0\n6 0 0\n3 one 5\n", "not a number"),
        ("10 1\n0 0 0\n6 0 0\n3 1 -5\n", "negative"),
        ("10 1\n0 0 0\n6 0 0\n3 1 1e308\n", "above"),
        ("10 1\n0 0 0\n6 0 0\n3 1e9 5\n", "too far apart"),
        ("1e30 1\n0 0 0\n6 0 0\n", "budget must lie in"),
        ("-1 1\n0 0 0\n6 0 0\n", "budget must lie in"),
        ("10 2\n0 0 0\n6 0 0\n", "only one can be searched"),
        ("10 1\n" + "0 0 1\n" * 8193, "8193 places are more than the 8192"),
        (CHAO[: CHAO.index("1 6 6") + 60], "cut short: it begins like Chao's set of 64"),
        (CHAO[:-2] + "\n", "line 65 has 2 numbers"),
        (CHAO[:-3] + " 1\n", "ends in the score 6; this has 64 and 1"),
    ],
)
def test_a_damaged_classic_file_is_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, complaint: str
) -> None:
    """Cut anywhere, NaN, negative, endless: told, and the whole file beside it is solved."""
    damaged, whole = tmp_path / "damaged.txt", tmp_path / "whole.txt"
    damaged.write_text(text)
    whole.write_text(CHAO)
    assert main(["classic", str(damaged), str(whole), "--seconds", "0.01"]) == 2
    captured = capsys.readouterr()
    assert captured.out.startswith("whole  seed 1  score ")
    assert captured.err.startswith(f"{damaged}: ")
    assert complaint in captured.err
    assert len(captured.err.splitlines()) == 1


def test_answers_that_cannot_be_written_are_told(
    oplib_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A full disk is one line; a reader who has enough, such as `head`, hears nothing."""
    assert main(["oplib", str(oplib_file), "--seconds", "0.01", "--json", "/dev/full"]) == 1
    assert capsys.readouterr().err == "/dev/full: No space left on device\n"
    command = f"{sys.executable} -m solver oplib {oplib_file} --seconds 0.001 --seeds 9 | exec true"
    done = subprocess.run(["sh", "-c", command], capture_output=True, check=False, timeout=50)
    assert (done.stdout, done.stderr) == (b"", b"")


def test_json_goes_to_a_file_when_one_is_named(oplib_file: Path, tmp_path: Path) -> None:
    """And a folder that does not exist is a failure in words."""
    target = tmp_path / "answers.jsonl"
    words = ["oplib", str(oplib_file), "--seconds", "0.01"]
    assert main([*words, "--json", str(target)]) == 0
    assert json.loads(target.read_text())["score"] == 13
    assert main([*words, "--json", str(tmp_path / "no" / "such.jsonl")]) == 1


def test_a_person_gets_a_line_to_read(oplib_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --json."""
    assert main(["oplib", str(oplib_file), "--seconds", "0.01"]) == 0
    assert "score 13" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["oplib"],
        ["tsp", "file"],
        ["oplib", "file", "--seconds", "0"],
        ["oplib", "file", "--seconds", "nan"],
        ["oplib", "file", "--seeds", "0"],
        ["oplib", "file", "--seconds", "soon"],
    ],
)
def test_wrong_usage_exits_with_2(words: list[str]) -> None:
    """As argparse does everywhere."""
    with pytest.raises(SystemExit) as stopped:
        main(words)
    assert stopped.value.code == 2


def test_the_module_runs_as_a_program(oplib_file: Path) -> None:
    """`python -m solver`, in a process of its own, passes the exit code on."""
    done = subprocess.run(
        [sys.executable, "-m", "solver", "oplib", str(oplib_file), str(oplib_file) + "x"],
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )
    assert done.returncode == 2
    assert "score 13" in done.stdout
