"""Lets most generated wishes begin in the made-up town: elsewhere they end at the first question."""

from __future__ import annotations

import os
from typing import Any

import schemathesis

CENTRE = [float(text) for text in os.environ["WILDSIDE_CENTRE"].split(",")]


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    """A claim left undone, since it ends the session that asks; a wish begun in the middle of the town."""
    if isinstance(body, dict) and context.operation.label == "PATCH /api/v1/users/me":
        return {name: value for name, value in body.items() if name != "password"}
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
