"""Beside a partner: only what they are and for whom is kept, and it is what the référent reads."""

from uuid import uuid4

import pytest
from houses import drain
from sqlalchemy import select
from walking import walk

from passerelle.conversation.inbox import Inbound
from passerelle.conversation.partners import Partner
from passerelle.foundation.database import table_of
from passerelle.handoff.summary import read_summary
from passerelle.handoff.tables import RequestRow

STORY = "je ne peux plus payer mon loyer à Vitré, j'ai besoin d'aide"
RENT = "logement-hebergement--reduire-les-impayes-de-loyer"


@pytest.fixture
def beside(parts, bot):
    """Opens a partner's page and gives what says something on it."""
    bot.tell(STORY, needs=[RENT], entities=["wants_help"])

    def opened(partner):
        conversation = parts.web_conversations.open(site="demo", role="partner", language="fr", partner=partner)

        def say(text):
            parts.accept(
                Inbound(
                    channel="web",
                    provider="widget",
                    provider_id=uuid4().hex,
                    address=conversation,
                    text=text,
                    received_at=parts.clock.now(),
                )
            )
            drain(parts)

        say(STORY)
        return say

    return opened


def summary_of(parts):
    with parts.database.read() as session:
        (row,) = session.execute(select(table_of(RequestRow))).all()
    return dict(read_summary(parts.keys.open(row.conversation, row.summary)))


def test_the_referent_reads_the_role_and_the_organisation_in_french(parts, beside):
    say = beside(Partner(role="pharmacy", organisation="Pharmacie des Quatre-Vents"))
    walk(parts, say, until="preview")

    say("oui")

    assert "Pharmacie ou commerce, Pharmacie des Quatre-Vents" in summary_of(parts)["helper"]
