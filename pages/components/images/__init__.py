"""Digits as pictures on a page."""
