"""A network from inside: its weights as pictures, and one step of its training."""
