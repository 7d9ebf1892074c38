"""The communes of France and how people name them."""
