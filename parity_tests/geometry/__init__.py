"""Window2d and padding against brute force, and their sizes against torch."""
