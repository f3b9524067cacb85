"""What runs beside the server: the queue, the processes that train or make maps, how long they take."""
