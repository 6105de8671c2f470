"""Programs that print the tables of docs/; nothing imports them."""
