"""Jobs waiting to be done."""
