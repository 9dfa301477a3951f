"""The mutants do what they are for."""
