"""Draws the curves of the growth benchmark: `growth_peers.py ROWS.json PICTURE.png`."""

import json
import re
import sys
from typing import Any

PANELS = (  # title, label below, beginnings of the rows drawn, unit on the left
    ("Tour search, 4,000 iterations", "candidates", ("tour among",), "ms"),
    ("Whole walk in Milan, 200 candidates", "minutes of walking", ("walk in",), "ms"),
    ("Whole walk of 90 minutes, 200 candidates", "junctions of the network", ("walk of",), "ms"),
    ("Times between 200 × 200 places", "junctions of a made-up town", ("200 x 200",), "ms"),
    (
        "Building the graph file, all four profiles",
        "junctions of the network",
        ("building m", "building e", "building p", "building andorra"),
        "s",
    ),
    ("Building one hierarchy", "junctions of a made-up town", ("building a town",), "s"),
)


def main() -> None:
    """Six panels, measured points joined by lines."""
    import matplotlib as mpl  # type: ignore[import-not-found,unused-ignore]

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # type: ignore[import-not-found,unused-ignore]

    with open(sys.argv[1]) as file:  # noqa: PTH123
        rows: list[dict[str, Any]] = json.load(file)
    figure, axes = plt.subplots(2, 3, figsize=(13, 7), layout="constrained")
    for axis, (title, below, beginnings, unit) in zip(axes.flat, PANELS, strict=True):
        points = sorted(
            (_number(row["what"]), row["ours"])
            for row in rows
            if row["what"].startswith(beginnings) and row["unit"] == unit
        )
        axis.plot([x for x, _ in points], [y for _, y in points], "o-", color="#1d6b57")
        if below != "minutes of walking":
            axis.set_xscale("log")
        axis.set_ylim(bottom=0)
        axis.set_title(title, fontsize=11)
        axis.set_xlabel(below)
        axis.set_ylabel("CPU seconds" if unit == "s" else "CPU milliseconds")
        axis.grid(visible=True, alpha=0.3)
    figure.savefig(sys.argv[2], dpi=110)
    print(json.dumps({"drawn": sys.argv[2]}))


def _number(what: str) -> int:
    """The last number of a row's name."""
    return int(re.findall(r"\d+", what)[-1])


if __name__ == "__main__":
    main()
