"""Tests of the benchmark: that it refuses and marks what it must, never how fast anything is."""
