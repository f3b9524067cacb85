"""Processes beside the server: the queue, the training and map processes, and estimates of their time."""
