"""Counts with small-count protection."""
