"""Other roads from the integer network: projects for other people's tools."""
