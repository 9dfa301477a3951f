"""Wrong layers, one classic bug each, and right ones that are only different: what the suite is tested with."""
