"""The canvas that visitors draw on."""
