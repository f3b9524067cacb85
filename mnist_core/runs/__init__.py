"""One folder a run: its files, its metrics, its state, its weights, its model through LiteRT."""
