"""Layers as somebody might write them, right and wrong, for the tests of `check`. Each file stands on its own."""
