"""The desk of the référent and of the coordinator."""
