"""Results in a browser as they come, from this machine to this machine."""
