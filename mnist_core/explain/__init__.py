"""Explains why a model reads an image as it does: layers in NumPy, attribution, nearest images, the map."""
