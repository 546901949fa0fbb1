"""Adapters to the outside world, humble and apart from each other."""
