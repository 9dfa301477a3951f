"""Modules, state, random numbers, optimisers, training and what else holds the layers together."""
