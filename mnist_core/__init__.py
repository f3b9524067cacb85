"""The core of MNIST Studio, which runs without a browser: programs, the ground under them, and the rooms."""
