"""The command for a machine with a GPU, on one that has none: devices that stand in, and what programs print."""
