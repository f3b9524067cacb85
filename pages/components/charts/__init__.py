"""Charts used by more than one page."""
