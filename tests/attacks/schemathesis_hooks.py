"""Keeps generated requests going: wishes begin in the town, and the administrator stays one."""

from __future__ import annotations

import os
from typing import Any

import schemathesis

CENTRE = [float(text) for text in os.environ["WILDSIDE_CENTRE"].split(",")]


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    """The wish with a start in the middle of the town, where it has a start that could be one."""
    if isinstance(body, dict) and body.get("disabled") is True:
        # Who asks is an administrator too, and could shut everybody out, themselves first.
        return {**body, "disabled": False}
    if isinstance(body, dict) and body.get("role") == "walker":
        return {**body, "role": "admin"}
    if not isinstance(body, dict) or not isinstance(body.get("start_location"), dict):
        return body
    if set(body["start_location"]) != {"type", "coordinates"}:
        return body
    coordinates = body["start_location"]["coordinates"]
    if not isinstance(coordinates, list) or len(coordinates) != 2:
        return body
    if not all(isinstance(one, int | float) and one >= 0 for one in coordinates):
        return body
    return {**body, "start_location": {**body["start_location"], "coordinates": CENTRE}}
