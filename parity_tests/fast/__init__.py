"""What makes the vectorised layers fast: memory layout, reused memory, threads, precision, the choice of algorithms."""
