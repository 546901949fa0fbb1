"""What a walk is: values that are valid by construction, and decisions without I/O."""
