"""Tests of how reports look: text against golden files, and the HTML page."""
