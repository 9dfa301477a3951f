"""Times all implementations, and refuses to time a wrong one."""
