"""Every endpoint of the server, in one table."""

from __future__ import annotations

from wildside.inbound.http import (
    accounts,
    admin,
    catalogue,
    documents,
    health,
    route_tiles,
    routes,
    sessions,
    shares,
    tiles,
)

API_ENDPOINTS = (
    *sessions.ENDPOINTS,
    *accounts.ENDPOINTS,
    *catalogue.ENDPOINTS,
    *routes.ENDPOINTS,
    *shares.ENDPOINTS,
    *route_tiles.ENDPOINTS,
    *admin.ENDPOINTS,
    *tiles.ENDPOINTS,
    *health.HEALTH_ENDPOINTS,
    *health.DEBUG_ENDPOINTS,
    *documents.ENDPOINTS,
)
# On the server's own port, or on one of their own where METRICS_PORT says so.
METRICS_ENDPOINTS = health.METRICS_ENDPOINTS
# All of the operators' port, where METRICS_PORT opens one.
OPERATORS_ENDPOINTS = (
    *health.HEALTH_ENDPOINTS,
    *health.METRICS_ENDPOINTS,
    # The tree is for administrators here as there; so that they can come in by this port alone.
    *health.DEBUG_ENDPOINTS,
    sessions.LOGIN,
)
