"""What must be refused, and that a refusal changes nothing."""
