"""What may be offered, to whom, where: catalogue, territory, opening hours, matching. Knows nothing of the app."""
