"""Inbox, turn, understanding, voice, transcript."""
