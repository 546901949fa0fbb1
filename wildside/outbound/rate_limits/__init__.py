"""Where it is counted what somebody did lately."""
