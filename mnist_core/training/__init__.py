"""From a recipe to a trained model: the only package that imports TensorFlow."""
