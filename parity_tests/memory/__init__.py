"""How much memory the vectorised layers take beyond their results."""
