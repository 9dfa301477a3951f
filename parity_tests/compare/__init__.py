"""A whole model in two namespaces with the same weights: `python -m parity_tests compare MODEL.py:build`."""
