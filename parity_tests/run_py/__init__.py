"""Tests of run.py, on small checkouts that the tests make."""
