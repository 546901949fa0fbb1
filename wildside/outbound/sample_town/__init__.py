"""Invents a small seaside town, the same one every time, and writes it as an OpenStreetMap extract."""
