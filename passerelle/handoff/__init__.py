"""Summary, agreement to transmit, référent, request life cycle, follow-up."""
