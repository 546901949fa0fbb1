"""`wildside`: one binary for server, worker and every command."""
