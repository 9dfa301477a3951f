"""The same operations as scratch/naive, vectorised: what the namespace `scratch` computes with."""
