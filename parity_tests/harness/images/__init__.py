"""Real images for the cases, and how they were cut."""
