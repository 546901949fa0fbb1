"""Benchmark files are read to the letter, and damaged ones say what is wrong with them."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.classic import parse_classic, read_classic
from solver.errors import DamagedInstance
from solver.oplib import BenchmarkInstance, parse_oplib, read_oplib
from solver.tour_problem import told
from tests.data_folder import data_file

PLANE = """NAME : tiny
TYPE : OP
DIMENSION : 3
COST_LIMIT : 20
EDGE_WEIGHT_TYPE : {kind}
NODE_COORD_SECTION
1 0 0
2 3 4
3 0.4 9
NODE_SCORE_SECTION
1 1
2 5
3 7
DEPOT_SECTION
1
-1
EOF
"""

WRITTEN = """NAME: tiny
DIMENSION: 3
COST_LIMIT: 20
EDGE_WEIGHT_TYPE: EXPLICIT
EDGE_WEIGHT_FORMAT: {form}
EDGE_WEIGHT_SECTION
{numbers}
NODE_SCORE_SECTION
3 7
1 0
2 5
DEPOT_SECTION
 2
 -1
EOF
"""


def test_the_depot_counts_once_and_is_no_stop() -> None:
    """Its score is put aside: the search sees none, the answer adds it."""
    instance = parse_oplib(PLANE.format(kind="EUC_2D"))
    assert instance.ends_score == 1.0
    assert instance.problem.scores.tolist() == [0.0, 5.0, 7.0]
    assert (instance.problem.start, instance.problem.end) == (0, 0)
    assert instance.problem.budget == 20


@pytest.mark.parametrize(
    ("kind", "weights"),
    [
        # √25 = 5, √81.16 = 9.009, √(6.76 + 25) = 5.636
        ("EUC_2D", [[0, 5, 9], [5, 0, 6], [9, 6, 0]]),
        ("CEIL_2D", [[0, 5, 10], [5, 0, 6], [10, 6, 0]]),
        # √(25 / 10) = 1.58, √(81.16 / 10) = 2.849, √(31.76 / 10) = 1.782
        ("ATT", [[0, 2, 3], [2, 0, 2], [3, 2, 0]]),
    ],
)
def test_plane_weights_are_rounded_as_tsplib_says(kind: str, weights: list[list[int]]) -> None:
    """To the nearest, up, and pseudo-Euclidean."""
    assert parse_oplib(PLANE.format(kind=kind)).problem.travel.tolist() == weights


def test_geographical_weights_are_those_of_a_published_tour() -> None:
    """Ulysses' Ithaca (38.24, 20.42) to Troy (39.57, 26.15) is 509 km in TSPLIB's ulysses16."""
    text = (
        PLANE.format(kind="GEO").replace("1 0 0", "1 38.24 20.42").replace("2 3 4", "2 39.57 26.15")
    )
    assert parse_oplib(text).problem.travel[0, 1] == 509


@pytest.mark.parametrize(
    ("form", "numbers"),
    [
        ("FULL_MATRIX", "0 4 8 4 0 6 8 6 0"),
        ("UPPER_ROW", "4 8 6"),
        ("UPPER_DIAG_ROW", "0 4 8 0 6 0"),
        ("LOWER_ROW", "4 8\n6"),
        ("LOWER_DIAG_ROW", "0 4 0 8 6 0"),
    ],
)
def test_written_weights_mean_the_same_in_every_form(form: str, numbers: str) -> None:
    """One matrix, five ways to write it; scores and depot need not be in order."""
    instance = parse_oplib(WRITTEN.format(form=form, numbers=numbers))
    assert instance.problem.travel.tolist() == [[0, 4, 8], [4, 0, 6], [8, 6, 0]]
    assert instance.problem.scores.tolist() == [0.0, 0.0, 7.0]
    assert (instance.problem.start, instance.ends_score) == (1, 5.0)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("DIMENSION : 3", "DIMENSION : 4", "NODE_SCORE_SECTION|NODE_COORD_SECTION"),
        ("DIMENSION : 3", "DIMENSION : many", "DIMENSION holds 'many'"),
        ("DIMENSION : 3\n", "", "DIMENSION is missing"),
        ("COST_LIMIT : 20", "COST_LIMIT : -1", "COST_LIMIT must be"),
        ("COST_LIMIT : 20", "COST_LIMIT : nan", "not finite"),
        ("EUC_2D", "EUC_3D", "EUC_3D"),
        ("EDGE_WEIGHT_TYPE : EUC_2D\n", "", "EDGE_WEIGHT_TYPE is missing"),
        ("2 3 4", "2 3", "NODE_COORD_SECTION has 8 numbers"),
        ("2 3 4", "2 3 four", "'four'"),
        ("2 3 4", "1 3 4", "every node"),
        ("2 5", "2 -5", "negative"),
        ("2 5", "2 1e308", "above"),
        ("DIMENSION : 3", "DIMENSION : 100000000", "DIMENSION must be"),
        ("DEPOT_SECTION\n1", "DEPOT_SECTION\n9", "DEPOT_SECTION must name"),
        ("DEPOT_SECTION\n1\n-1\n", "", "DEPOT_SECTION is missing"),
        ("EOF\n", "", "ends without EOF"),
        ("2 3 4", "2 3 9e99", "weights must lie"),
        ("NODE_SCORE_SECTION", "NODE_COORD_SECTION", "appears twice"),
        ("NAME : tiny", "hello", "belongs to no section"),
    ],
)
def test_a_damaged_file_says_what_is_wrong(old: str, new: str, complaint: str) -> None:
    """The message names the field or the section, not a line of our code."""
    text = PLANE.format(kind="EUC_2D")
    assert old in text
    with pytest.raises(DamagedInstance, match=complaint):
        parse_oplib(text.replace(old, new, 1))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_cut_and_no_flipped_character_does_worse_than_complain(data: st.DataObject) -> None:
    """Whatever happens to a file, it is read or it is a DamagedInstance, never another error."""
    text = PLANE.format(kind="EUC_2D")
    cut = data.draw(st.integers(0, len(text)))
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.characters(max_codepoint=0x2FF))
    for broken in (text[:cut], text[:place] + letter + text[place + 1 :]):
        try:
            instance = parse_oplib(broken)
        except DamagedInstance:
            continue
        assert instance.problem.node_count >= 1


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="0123456789.- e\nnaif", max_size=60))
def test_no_text_breaks_the_reader_of_classic_files(text: str) -> None:
    """Any text is an instance or a DamagedInstance."""
    try:
        parse_classic("any", text)
    except DamagedInstance:
        return


def test_bytes_that_are_no_text_are_a_damaged_file(tmp_path: Path) -> None:
    """A picture by mistake is named in the complaint."""
    path = tmp_path / "picture.oplib"
    path.write_bytes(b"\xff\xd8\xff\xe0" * 10)
    with pytest.raises(DamagedInstance, match=r"picture\.oplib"):
        read_oplib(path)
    with pytest.raises(DamagedInstance, match=r"picture\.oplib"):
        read_classic(path)


def test_published_classic_tours_fit_their_files_and_score_as_published() -> None:
    """All 89 routes of the literature, walked on our matrix, keep the budget to a millionth."""
    folder = data_file("orienteering/classic")
    with (folder / "best_scores.csv").open() as table:
        rows = list(csv.DictReader(table))
    assert len(rows) == 89
    for row in rows:
        instance = read_classic(next(folder.rglob(row["file"])))
        route = [int(word) for word in row["route"].split()]
        tour = told(instance.problem, tuple(route[1:-1]))
        assert tour.score + instance.ends_score == float(row["best_score"])
        assert tour.cost * instance.cost_factor == pytest.approx(float(row["length"]), abs=1e-4)


def all_oplib() -> list[tuple[dict[str, str], BenchmarkInstance]]:
    """Every file beside its row of the reference table."""
    folder = data_file("orienteering/oplib")
    with (folder / "reference.csv").open() as table:
        rows = [row for row in csv.DictReader(table) if int(row["n"]) <= 400]
    return [(row, read_oplib(folder / f"{row['instance']}.oplib")) for row in rows]


def test_every_real_file_agrees_with_the_reference_table() -> None:
    """Names, sizes, limits; weights are symmetric and nothing scores at the depot."""
    for row, instance in all_oplib():
        assert instance.name == row["instance"]
        assert instance.problem.node_count == int(row["n"])
        assert instance.problem.budget == int(row["cost_limit"])
        assert np.array_equal(instance.problem.travel, instance.problem.travel.T)
        assert float(row["best_known"]) <= instance.problem.scores.sum() + instance.ends_score
