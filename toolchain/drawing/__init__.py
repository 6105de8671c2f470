"""Pictures of what was compiled, made from the design itself, and of what it says of a frame."""
