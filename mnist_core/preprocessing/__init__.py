"""From strokes, drawings and photos to the 28 x 28 images that a model reads."""
