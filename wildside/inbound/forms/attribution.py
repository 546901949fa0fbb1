"""Whom we owe the map to; said in every form of a walk."""

ATTRIBUTION = "© OpenStreetMap contributors"
LICENCE_URL = "https://www.openstreetmap.org/copyright"
