"""The conformance suite: every implementation of the nn namespace against PyTorch."""
