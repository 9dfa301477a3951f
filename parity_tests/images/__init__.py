"""Tests of scratch.images."""
