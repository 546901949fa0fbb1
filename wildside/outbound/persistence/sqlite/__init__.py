"""Everything in one SQLite file: the embedded server's storage."""
