"""Redis under trio: redis-py's commands and parser over one connection of our own."""
