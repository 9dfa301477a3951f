"""The referee: cases, the float64 oracle, the laws of rounding, the verdicts, and who is compared."""
