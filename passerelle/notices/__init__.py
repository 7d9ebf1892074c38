"""The outbox: one row per message to anyone."""
