"""The first words to anyone: a robot, run by whom, what for, that it is free, and STOP (handoff.md §4.9)."""

from passerelle.conversation.alert import AFTER_ALERT
from passerelle.conversation.talk import Talk


def introduce(talk: Talk) -> None:
    """Introduce ourselves, once. Not in an alert: the numbers come first, and alone."""
    if not talk.row.introduced and talk.row.stage != AFTER_ALERT:
        talk.row.introduced = True
        talk.say("introduction", operator=talk.house.operator)
