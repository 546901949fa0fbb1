"""Every setting: its name in the environment, its value, where the value came from."""
