"""A model's answer to an image, and the reasons for it."""
