"""Saying what can be done: the level's sentence, the dispositifs with their reasons, and the offer of a person."""

from passerelle.conversation.desk import say_desk
from passerelle.conversation.epices import offer_epices
from passerelle.conversation.evaluations import keep_evaluation
from passerelle.conversation.pending import Pending
from passerelle.conversation.preview import begin_handoff, send_to_a_person
from passerelle.conversation.talk import Talk
from passerelle.conversation.timers import come_back_in
from passerelle.foundation.phone import spoken
from passerelle.handoff.requests import declined_recipients
from passerelle.handoff.territory import Recipient
from passerelle.orientation.orient import Oriented, Proposed, orient, record_orientation

#: On SMS each line costs; on the web more can be seen at once.
_SHOWN = {"sms": 3, "web": 5}

#: Levels at which a person takes over the request.
_WITH_A_PERSON = frozenset({"N2", "N3", "N4"})

CHECK_BACK_DAYS = 10


def offer(talk: Talk, *, more: bool = False) -> None:
    """Grade, match, say it, and offer what the level calls for; with `more` questions left, first whether to go on."""
    talk.wait_for_nothing("proposing")
    oriented = orient_now(talk)
    record_orientation(talk.session, talk.row.id, oriented, talk.at, places=talk.house.places)
    keep_evaluation(talk)
    if oriented.decision.level == "N0":
        talk.say("offer.nothing_wanted")
        return
    shown = oriented.proposals[: _SHOWN[talk.form]]
    lines = [talk.words("offer.found" if shown else "offer.nothing_found", sentence=oriented.sentence)]
    if not shown:
        lines.append(oriented.next_door)
    lines += [_line(talk, number, proposed) for number, proposed in enumerate(shown, start=1)]
    links = [(spoken(proposed.phone), f"tel:{proposed.phone}") for proposed in shown if proposed.phone]
    talk.say_text("\n".join(lines), links=links)
    if more:
        talk.ask_yes_no("more", talk.words("offer.more"))
    else:
        offer_what_follows(talk, oriented)


def offer_what_follows(talk: Talk, oriented: Oriented) -> None:
    """Offer the person who can act, or news later, as the level calls for."""
    # After a danger an evaluation with a référent is offered (R-U2), never a score.
    level = "N3" if oriented.decision.level == "U" else oriented.decision.level
    if talk.with_partner and level in _WITH_A_PERSON:
        # A yes said beside a partner is a weak proof: first line only (reference/handoff.md §4.3).
        level = "N2"
    if level in _WITH_A_PERSON:
        offer_person(talk, level, oriented.needs)
    else:
        talk.ask_yes_no("check_back", talk.words("offer.check_back", days=CHECK_BACK_DAYS))


def orient_now(talk: Talk) -> Oriented:
    """The orientation of the dossier as it stands."""
    return orient(
        talk.dossier,
        questionnaire=talk.house.questionnaire,
        ruleset=talk.house.ruleset,
        catalogue=talk.house.catalogue(),
        places=talk.house.places,
        texts=talk.house.texts,
        language=talk.language,
        at=talk.at,
        role=talk.row.role,
        form=talk.form,
    )


def designate(talk: Talk, level: str, needs: tuple[str, ...]) -> Recipient | None:
    """Who would receive the request, those who declined left out."""
    area = talk.area
    if area is None:
        return None
    declined = declined_recipients(talk.house.requests.of_conversation(talk.session, talk.row.id))
    return talk.house.territory.designate(area=area, needs=needs, level=level, declined=declined)


def offer_person(talk: Talk, level: str, needs: tuple[str, ...], *, key: str = "offer.person") -> None:
    """Offer to hand the situation to the person who can act; their name and structure are said."""
    if send_to_a_person(talk):
        return
    recipient = designate(talk, level, needs)
    if recipient is None:
        say_desk(talk)
        return
    talk.ask_yes_no(
        "offer",
        talk.words(key, function=recipient.function_in(talk.language), structure=recipient.structure),
        notes={"recipient": recipient.id, "level": level},
    )


def answer_offer(talk: Talk, pending: Pending, code: str) -> None:
    """The person wants the handoff, or not."""
    if code == "yes":
        begin_handoff(talk, recipient=pending.notes["recipient"], level=pending.notes["level"])
    else:
        # no agreement, the same information, and nothing leaves.
        talk.wait_for_nothing("following")
        talk.say("offer.declined")


def answer_check_back(talk: Talk, code: str) -> None:
    """The person wants news to be asked in ten days, or not."""
    talk.wait_for_nothing("following")
    if code == "yes":
        come_back_in(talk, f"{talk.row.id}:{talk.at:%Y%m%d}", event="check_back", days=CHECK_BACK_DAYS)
        talk.say("offer.check_back_set", days=CHECK_BACK_DAYS)
    else:
        talk.say("offer.check_back_no")
    offer_epices(talk)


def _line(talk: Talk, number: int, proposed: Proposed) -> str:
    return talk.words(
        "offer.line",
        number=number,
        name=proposed.name,
        contact=spoken(proposed.phone) if proposed.phone else proposed.how.rstrip(". "),
        reason=proposed.reason,
    ).rstrip()
