"""The lessons, as marimo notebooks: `python lessons/notebooks/sliding.py` runs one without showing it."""
