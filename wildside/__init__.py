"""Wildside: the most interesting walk you can take right now."""
