"""What every page has: its frame, its address, its texts, the choice of a run."""
