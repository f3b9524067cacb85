"""What a model says of an image, and why."""
