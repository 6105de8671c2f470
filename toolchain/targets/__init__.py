"""Families of chips and the tools that make configurations for them."""
