"""Generated-hardware sources: one folder per idea (see hw/README.md)."""
