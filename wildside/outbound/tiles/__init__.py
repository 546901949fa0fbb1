"""Makes and reads map tiles: the base map and the places on it."""
