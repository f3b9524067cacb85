"""Charts that more than one page shows."""
