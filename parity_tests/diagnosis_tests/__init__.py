"""Tests of the diagnosis: planted errors are named, correct layers are not, and nothing makes it raise."""
