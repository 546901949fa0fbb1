"""PostgreSQL's storage where it differs from SQLite's: its connections, its server, its statements."""
