"""The laws: how far a correct result may be from the exact one, and where that comes from."""
