"""Workers that send, die and come back in any order: nothing vanishes, and only a death repeats."""

import tempfile
from pathlib import Path

from fakes import FixedClock
from houses import open_parts
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import func, select

from passerelle.foundation.database import table_of
from passerelle.notices.notice import NewNotice
from passerelle.notices.tables import NoticeRow

_N = table_of(NoticeRow)
LANES = st.sampled_from(["a@example.test", "b@example.test", "c@example.test"])


class OutboxMachine(RuleBasedStateMachine):
    """Two workers, three lanes, a provider that remembers."""

    @initialize()
    def open(self):
        self._folder = tempfile.TemporaryDirectory(prefix="passerelle-machine-")
        self.clock = FixedClock()
        self.parts = open_parts(Path(self._folder.name), clock=self.clock)
        self.recorded = 0
        self.order = {}
        self.delivered = []
        self.deaths_after_sending = 0
        self.held = []

    @rule(lane=LANES)
    def enqueue(self, lane):
        with self.parts.database.write() as session:
            notice = NewNotice(
                key=f"n:{self.recorded}", kind="turn", channel="email", recipient=lane, text=str(self.recorded)
            )
            self.parts.outbox.record(session, notice)
        self.recorded += 1

    @rule()
    def claim(self):
        self.held += self.parts.outbox.claim(limit=2)

    @precondition(lambda self: self.held)
    @rule()
    def send_and_settle(self):
        notice = self.held.pop(0)
        self._send(notice)
        self.parts.outbox.settle_sent(notice, f"P{notice.id}")

    @precondition(lambda self: self.held)
    @rule()
    def send_then_die(self):
        self._send(self.held.pop(0))
        self.deaths_after_sending += 1

    @precondition(lambda self: self.held)
    @rule()
    def die_before_sending(self):
        self.held.pop(0)

    @precondition(lambda self: self.held)
    @rule()
    def provider_is_busy(self):
        self.parts.outbox.give_back(self.held.pop(0), "429")

    @rule(seconds=st.sampled_from([5, 70]))
    def tick(self, seconds):
        self.clock.advance(seconds=seconds)
        # A worker that holds a notice longer than its lease has lost it: it looks before it sends.
        self.held = [notice for notice in self.held if seconds < 60]

    @invariant()
    def nothing_vanishes(self):
        if not hasattr(self, "parts"):
            return
        with self.parts.database.read() as session:
            assert session.execute(select(func.count()).select_from(_N)).scalar() == self.recorded

    def teardown(self):
        if not hasattr(self, "parts"):
            return
        try:
            self._drain()
            assert set(self.delivered) == {str(number) for number in range(self.recorded)}
            assert len(self.delivered) - self.recorded <= self.deaths_after_sending
        finally:
            self.parts.close()
            self._folder.cleanup()

    def _send(self, notice):
        self.delivered.append(notice.text)

    def _drain(self):
        for _ in range(self.recorded * 2 + 2):
            self.clock.advance(seconds=61)
            while notices := self.parts.outbox.claim():
                for notice in notices:
                    self._send(notice)
                    self.parts.outbox.settle_sent(notice, f"P{notice.id}")


TestOutbox = OutboxMachine.TestCase
TestOutbox.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
