"""What can be trained, as plain data that reads like Keras code: layers, recipes, and a table of recipes."""
