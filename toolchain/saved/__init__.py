"""What lies on disk between two commands: build folders and the files in them."""
