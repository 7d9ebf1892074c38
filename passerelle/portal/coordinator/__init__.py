"""The coordinator's pages: the register of a territory, kept true by somebody whose every change can be undone."""
