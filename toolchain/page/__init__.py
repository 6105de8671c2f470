"""What is known of a build, as a page for a browser."""
