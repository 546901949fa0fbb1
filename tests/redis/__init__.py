"""The Redis link and what is kept behind it."""
