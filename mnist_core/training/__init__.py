"""From a recipe to a trained model: the only room that imports TensorFlow."""
