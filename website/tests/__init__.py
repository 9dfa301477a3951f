"""What proves that the site is whole."""
