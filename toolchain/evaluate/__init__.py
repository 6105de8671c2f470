"""How near integers are to the float network they stand for."""
