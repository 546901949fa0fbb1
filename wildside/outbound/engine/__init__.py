"""The walking engine in child processes."""
