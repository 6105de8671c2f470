"""What every room may use and what knows nothing of networks: errors, files, text, progress."""
