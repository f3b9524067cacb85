"""What can be trained, as plain data that reads like Keras code: layers, recipes, the table of them."""
