"""What a walker or an operator can do: one verb a file."""
