"""Every behaviour of Wildside, told as sentences."""
