"""The parts of the Gallery page."""
