"""Draws the curves of the growth benchmark: `growth_peers.py ROWS.json PICTURE.png`."""

import json
import re
import sys
from typing import Any

NETWORK = "junctions of the network"
TOWN = "junctions of a made-up town"
# Title, label below, beginnings of the rows drawn, their unit, and the axes that are logarithmic.
PANELS = (
    ("Tour search, 4,000 iterations", "candidates", ("tour among",), "ms", ""),
    ("Whole walk in Milan, 200 candidates", "minutes", ("walk in",), "ms", ""),
    ("Whole walk of 90 minutes, 200 candidates", NETWORK, ("walk of",), "ms", ""),
    ("Times between 200 × 200 places", TOWN, ("200 x 200",), "ms", "x"),
    ("Building the graph file, all four profiles", NETWORK, ("building",), "s", ""),
    ("Building one hierarchy", TOWN, ("building a town",), "s", "xy"),
)


def main() -> None:
    """Six panels: measured points joined by lines, real networks by name."""
    import matplotlib as mpl  # type: ignore[import-not-found,unused-ignore]

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # type: ignore[import-not-found,unused-ignore]

    with open(sys.argv[1]) as file:  # noqa: PTH123
        rows: list[dict[str, Any]] = json.load(file)
    figure, axes = plt.subplots(2, 3, figsize=(13, 7), layout="constrained")
    for axis, (title, below, beginnings, unit, logarithmic) in zip(axes.flat, PANELS, strict=True):
        named = below == NETWORK
        points = sorted(
            (_number(row["what"]), row["ours"], _city(row["what"]))
            for row in rows
            if row["what"].startswith(beginnings)
            and row["unit"] == unit
            and (_city(row["what"]) is not None) == named
        )
        style = "o" if named else "o-"
        axis.plot([x for x, _, _ in points], [y for _, y, _ in points], style, color="#1d6b57")
        if named:
            for x, y, name in points:
                axis.annotate(name, (x, y), xytext=(5, 5), textcoords="offset points", fontsize=8)
            axis.margins(x=0.15, y=0.15)
        if "x" in logarithmic:
            axis.set_xscale("log")
        else:
            axis.locator_params(axis="x", nbins=4)
        if "y" in logarithmic:
            axis.set_yscale("log")
        else:
            axis.set_ylim(bottom=0)
        axis.xaxis.set_major_formatter(lambda x, _: f"{x:,.0f}")
        axis.yaxis.set_major_formatter(lambda y, _: f"{y:g}")
        axis.set_title(title, fontsize=11)
        axis.set_xlabel(below)
        axis.set_ylabel("CPU seconds" if unit == "s" else "CPU milliseconds")
        axis.grid(visible=True, alpha=0.3)
    figure.savefig(sys.argv[2], dpi=110)
    print(json.dumps({"drawn": sys.argv[2]}))


def _number(what: str) -> int:
    """The last number of a row's name."""
    return int(re.findall(r"\d+", what)[-1])


def _city(what: str) -> str | None:
    """The real network that a row names with its junctions."""
    found = re.search(r" (\w+)[\w-]*, junctions", what)
    return found[1].capitalize() if found else None


if __name__ == "__main__":
    main()
