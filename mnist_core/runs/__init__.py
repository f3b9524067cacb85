"""One folder a run: its files, metrics, state and weights, and its model through LiteRT."""
