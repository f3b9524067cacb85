"""The inside of a network, on one image: its layers as pictures, and how each number comes about."""
