"""Tests of what is for other people's pytest: assert_parity and the plugin."""
