"""Attacks on the doors: what nobody may get in with, and what must not stop the server."""
