"""`python -m parity_tests mutants`: what the suite makes of the wrong layers, and of the right ones."""
