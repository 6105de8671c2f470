"""What families have in common whose boards carry the network behind a serial link: no family."""
