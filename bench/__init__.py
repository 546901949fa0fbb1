"""Benchmarks: one file each, peers beside ours in one run."""
