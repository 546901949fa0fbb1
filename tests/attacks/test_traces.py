"""A caller's own trace, followed through the real server's logs, from the request into its job."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import trio

from tests.end_to_end.server_process import server

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
PARENT = f"00-{TRACE}-{SPAN}-01"
FORGED = (
    "00-" + "0" * 32 + f"-{SPAN}-01",
    f"ff-{TRACE}-{SPAN}-01",
    f"00-{TRACE}-{SPAN}",
    "x" * 5000,
)


async def test_a_caller_s_trace_is_in_the_logs_of_the_request_and_of_its_job(
    town_folder: Path, town_settings: Mapping[str, str]
) -> None:
    """Beside our own trace, which is new; what is no valid parent is in no line."""
    with server(town_folder, settings={"SOLVER_PROCESSES": "1", **town_settings}) as running:
        async with httpx.AsyncClient(base_url=running.url) as client:
            await client.post("/api/v1/users", json={})
            region = (await client.get("/api/v1/regions")).json()["data"][0]
            wish = {"start_location": region["centre"], "duration_minutes": 30}
            accepted = await client.post(
                "/api/v1/routes", json=wish, headers={"traceparent": PARENT}
            )
            with trio.fail_after(30):
                while True:
                    status = (await client.get(accepted.json()["status_url"])).json()
                    if status["status"] == "complete":
                        break
            for forged in FORGED:
                other = {**wish, "duration_minutes": 31}
                headers = {"traceparent": forged}
                answer = await client.post("/api/v1/routes", json=other, headers=headers)
                assert answer.status_code in {202, 400}
    lines: list[dict[str, Any]] = [json.loads(line) for line in running.log_lines if line[0] == "{"]
    ours = [line for line in lines if line.get("trace_id") == accepted.headers["trace-id"]]
    assert {line["event"] for line in ours} >= {"request", "job started", "job ended"}
    for line in ours:
        assert (line["parent_trace"], line["parent_span"]) == (TRACE, SPAN), line
    others = [line for line in lines if line.get("trace_id") != accepted.headers["trace-id"]]
    assert not [line for line in others if "parent_trace" in line]
