"""What of torch is supported: a table generated from the registry and the cases, and the page that is written of it."""
