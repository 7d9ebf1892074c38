"""What the person told us and agreed to."""
