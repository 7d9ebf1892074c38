"""What Rasa may decide: one file per family of actions. Reads; never writes."""
