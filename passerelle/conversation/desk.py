"""A person to talk to: always something real, with its hours, and no promise when it is closed."""

from passerelle.conversation.talk import Talk
from passerelle.foundation.phone import spoken


def say_desk(talk: Talk) -> None:
    """Say who can be called, and whether somebody answers now."""
    desk = talk.house.territory.desk_for(talk.area)
    key = "desk.open" if desk.is_open(talk.at) else "desk.closed"
    talk.say(
        key,
        name=desk.name,
        phone=spoken(desk.phone),
        hours=desk.hours_in(talk.language),
        links=((spoken(desk.phone), f"tel:{desk.phone}"),),
    )
