"""The host's side of the link to a board: packets, the board as a Python object, the comparison."""
