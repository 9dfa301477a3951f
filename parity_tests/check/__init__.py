"""`check FILE.py:Class --like LAYER`: somebody's own layer, run in a process of its own and compared with torch's."""
