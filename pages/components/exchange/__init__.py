"""Taking models and runs away, and bringing them in."""
