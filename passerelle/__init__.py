"""Passerelle: conversational intake and orientation for the non-medical side of health and social paths."""
