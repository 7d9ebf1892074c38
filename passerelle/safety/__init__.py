"""Danger, medical boundary and help numbers. Pure; the data is YAML."""
