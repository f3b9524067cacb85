"""What can be wrong with a run, as exceptions whose messages are shown to visitors."""


class RunError(Exception):
    """A run that does not exist or cannot be read; the message says what to do."""


class Damaged(RunError, ValueError):
    """A file of a finished run is missing or no longer what it was, or a later version wrote the run."""
