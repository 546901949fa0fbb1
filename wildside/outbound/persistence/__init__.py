"""Where walkers, places and walks are kept."""
