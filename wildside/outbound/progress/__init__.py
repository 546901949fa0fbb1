"""News on their way to walkers."""
