"""The namespace on a GPU: its array code, and the stand-in that runs it without one."""
