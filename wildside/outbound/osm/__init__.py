"""Reads OpenStreetMap extracts: places, base-map features, coastlines."""
