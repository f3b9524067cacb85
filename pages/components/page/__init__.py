"""Parts of every page: frame, address, texts, the choice of a run."""
