"""A `kubectl` that acts on a folder: one secret, some pods, every call written down.

`cluster.json` holds the secret (data, version), the pods' own copies of the key file, and what is to
go wrong. A rollout replaces the pods one by one and writes down the copies after each, since that is
where a careless rotation would sign somebody out.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(os.environ["STAND_IN_CLUSTER"])
CLUSTER = FOLDER / "cluster.json"


def main(arguments: list[str]) -> int:
    """One call."""
    with (FOLDER / "calls.log").open("a") as log:
        log.write(json.dumps(arguments) + "\n")
    cluster: dict[str, Any] = json.loads(CLUSTER.read_text())
    assert arguments[:2] == ["--namespace", cluster["namespace"]], arguments
    match arguments[2:]:
        case ["get", "secret", name, "--output", path] if name == cluster["secret"]:
            return get(cluster, path)
        case ["patch", "secret", name, "--type", "merge", "--patch-file", file] if (
            name == cluster["secret"]
        ):
            return patch(cluster, json.loads(Path(file).read_text()))
        case ["rollout", "restart", name] if name == f"deployment/{cluster['deployment']}":
            cluster["restarting"] = True
        case ["rollout", "status", name, "--timeout", _] if (
            name == f"deployment/{cluster['deployment']}"
        ):
            return roll(cluster)
        case _:
            print(f"error: {arguments[2:]}", file=sys.stderr)
            return 1
    CLUSTER.write_text(json.dumps(cluster))
    return 0


def get(cluster: dict[str, Any], path: str) -> int:
    """One field, as jsonpath prints it: nothing where there is none."""
    if path == "jsonpath={.metadata.resourceVersion}":
        sys.stdout.write(str(cluster["version"]))
    else:
        key = path.removeprefix("jsonpath={.data.").removesuffix("}")
        sys.stdout.write(cluster["data"].get(key, ""))
    return 0


def patch(cluster: dict[str, Any], change: dict[str, Any]) -> int:
    """Only from the version that was read, as the API server does."""
    if cluster["meddler"]:
        cluster["version"] += 1
        cluster["meddler"] = False
        CLUSTER.write_text(json.dumps(cluster))
    if change["metadata"]["resourceVersion"] != str(cluster["version"]):
        print("error: the object has been modified", file=sys.stderr)
        return 1
    cluster["data"] |= change["data"]
    cluster["version"] += 1
    CLUSTER.write_text(json.dumps(cluster))
    return 0


def roll(cluster: dict[str, Any]) -> int:
    """Each pod in turn reads what the secret says now."""
    assert cluster.pop("restarting", False), "status of a rollout that nobody began"
    cluster["rollouts"] += 1
    stuck = cluster["rollouts"] == cluster["stuck_rollout"]
    text = base64.b64decode(cluster["data"][cluster["data_key"]]).decode()
    for number in range(len(cluster["pods"])):
        if stuck and number == 1:
            break
        cluster["pods"][number] = text
        cluster["states"].append(list(cluster["pods"]))
    CLUSTER.write_text(json.dumps(cluster))
    if stuck:
        print("error: timed out waiting for the condition", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
