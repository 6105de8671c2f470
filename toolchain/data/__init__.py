"""Photographs, sets of them, and what a model's manifest says about them."""
