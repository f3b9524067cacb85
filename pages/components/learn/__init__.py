"""The Learn page: lessons, their steps, and a learner's progress."""
