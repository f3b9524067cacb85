"""Sweeps: many runs of one recipe with other settings, planned, kept as one, and compared."""
