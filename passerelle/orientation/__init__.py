"""Dossier × catalogue → proposals, each with its reasons."""
