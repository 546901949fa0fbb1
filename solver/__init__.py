"""The walking engine: network, travel times and tours; no event loop, no knowledge of Wildside."""
