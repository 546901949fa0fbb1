"""Peers of the matrix benchmark, each in its own environment: `matrix_peers.py NAME FILE SIZE…`."""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

Matrix = Callable[[Any], Any]
SLOW_SECONDS = 2.0  # what takes longer is not measured twice


def cpu(work: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds of the process, all threads, and what the work answered."""
    began = time.process_time()
    answer = work()
    return time.process_time() - began, answer


def routingkit_cch(data: dict[str, Any]) -> tuple[float, Matrix]:
    """Preprocessing seconds, and how it makes a matrix: one-to-many with pinned targets."""
    import routingkit_cch as rk  # type: ignore[import-not-found,unused-ignore]

    tail = np.concatenate([data["tail"], data["head"]]).tolist()
    head = np.concatenate([data["head"], data["tail"]]).tolist()
    weights = np.concatenate([data["centimetres"]] * 2).tolist()
    lon, lat = (data["lon"] / 1e7).tolist(), (data["lat"] / 1e7).tolist()

    def prepared() -> Any:
        order = rk.compute_order_inertial(len(lon), tail, head, lat, lon)
        return rk.CCHMetric(rk.CCH(order, tail, head, False), weights)

    build_seconds, metric = cpu(prepared)

    def matrix(sources: Any) -> Any:
        query = rk.CCHOneToMany(metric, sources.tolist())
        rows = [query.distances_from(source) for source in sources.tolist()]
        return np.array([[-1 if metres is None else metres for metres in row] for row in rows])

    return build_seconds, matrix


def pandana(data: dict[str, Any]) -> tuple[float, Matrix]:
    """Preprocessing seconds, and how it makes a matrix: shortest paths of all pairs."""
    import pandas as pd  # type: ignore[import-not-found,import-untyped,unused-ignore]
    from pandana import Network  # type: ignore[import-not-found,unused-ignore]

    def prepared() -> Any:
        # Metres: it counts in thousandths of a unit, and centimetres would overflow its integers.
        return Network(
            pd.Series(data["lon"] / 1e7),
            pd.Series(data["lat"] / 1e7),
            pd.Series(data["tail"]),
            pd.Series(data["head"]),
            pd.DataFrame({"metres": data["centimetres"] / 100}),
            twoway=True,
        )

    build_seconds, network = cpu(prepared)

    def matrix(sources: Any) -> Any:
        origins, goals = np.repeat(sources, len(sources)), np.tile(sources, len(sources))
        metres = np.asarray(network.shortest_path_lengths(origins, goals))
        centimetres = np.where(metres < 4_000_000, np.rint(metres * 100), -1)
        return centimetres.reshape(len(sources), len(sources))

    return build_seconds, matrix


def measured(matrix: Matrix, sources: Any) -> dict[str, float]:
    """CPU seconds of a first and a second call, and the sum of all distances there are."""
    cold, found = cpu(lambda: matrix(sources))
    warm = cold if cold > SLOW_SECONDS else cpu(lambda: matrix(sources))[0]
    return {"cold_seconds": cold, "seconds": warm, "checksum": float(found[found >= 0].sum())}


def main() -> None:
    """Answer one JSON line: preprocessing seconds, then figures by size."""
    name, path, *sizes = sys.argv[1:]
    data = dict(np.load(path))
    build_seconds, matrix = {"routingkit_cch": routingkit_cch, "pandana": pandana}[name](data)
    answer = {size: measured(matrix, data["sources"][: int(size)]) for size in sizes}
    # pandana's progress does not end its line.
    print("\n" + json.dumps({"build_seconds": build_seconds, **answer}))


if __name__ == "__main__":
    main()
