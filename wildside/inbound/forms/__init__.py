"""A walk in the forms other programs and people read: GPX, GeoJSON, a picture, a printed page."""
