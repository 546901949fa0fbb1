"""Scripts that operators run, against programs that stand in for a cluster's."""
