"""The tests of the referee: of the comparison, the laws, the cases, and what it catches."""
