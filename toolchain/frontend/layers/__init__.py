"""What the nodes of one layer are recognised by: one kind of layer a file."""
