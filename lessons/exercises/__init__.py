"""Of each lesson: what tells a right answer from a wrong one, which hint a wrong one gets, and the solutions."""
