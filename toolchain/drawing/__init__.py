"""Pictures of what was compiled, made from the design itself."""
