"""The catalogue in force, written in the formats that others read."""
