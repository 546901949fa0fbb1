"""One example for each body worth showing, by the name of its component."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_WALKER = "8f7c3b1e-0a55-4f3c-9a58-4d1d6a3e2b10"
_REQUEST = "5b0e8c9a-6a0c-4c39-8a1b-7d5f3a9c1e22"
_ROUTE = "0c9f6f3d-7a1b-4b6e-8f1d-2f6a4c8e9b33"
_THEME = "1d0c2b3a-4e5f-4a6b-8c7d-9e0f1a2b3c44"
_MOMENT = "2026-03-01T09:30:00.000000Z"

EXAMPLES: Mapping[str, Any] = {
    "PointShape": {"type": "Point", "coordinates": [-3.1883, 55.9533]},
    "WishShape": {
        "start_location": {"type": "Point", "coordinates": [-3.1883, 55.9533]},
        "duration_minutes": 60,
        "interest_theme_ids": [_THEME],
        "popularity_bias": 0.7,
        "accessibility": {"avoid_stairs": True, "prefer_well_lit": False},
        "end_location": None,
        "depart_at": None,
        "must_visit_poi_ids": [],
        "avoid_poi_ids": [],
    },
    "AcceptedShape": {
        "request_id": _REQUEST,
        "status": "pending",
        "status_url": f"/api/v1/routes/status/{_REQUEST}",
    },
    "StatusShape": {
        "request_id": _REQUEST,
        "status": "complete",
        "progress": 100,
        "updated_at": _MOMENT,
        "route_id": _ROUTE,
    },
    "UserShape": {
        "id": _WALKER,
        "display_name": "Walker",
        "interest_theme_ids": [_THEME],
        "preferences": {"units": "metric", "language": "en", "walking_speed_kmh": 4.8},
        "created_at": _MOMENT,
        "updated_at": _MOMENT,
        "revision": 1,
    },
    "NewWalker": {"display_name": "Muriel"},
    "Login": {"username": "muriel", "password": "a-long-way-to-arthurs-seat"},
    "StandingShape": {"display_name": "Muriel", "role": "walker", "disabled": False},
    "InterestsShape": {"interest_theme_ids": [_THEME], "expected_revision": 1},
    "ProfileChangeShape": {"preferences": {"units": "imperial"}},
    "Problem": {
        "code": "invalid_request",
        "message": "duration_minutes is required",
        "trace_id": "3f0d7a0e-8a55-4b5e-9c0f-0d5d8d8d0a11",
        "details": [
            {
                "field": "duration_minutes",
                "code": "required",
                "message": "duration_minutes is required",
            }
        ],
    },
}
