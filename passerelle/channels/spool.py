"""Where a door keeps a message while the database does not answer, until it can be accepted."""

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from passerelle.conversation.inbox import Accepted, Inbound
from passerelle.foundation.errors import TryLater
from passerelle.foundation.log import log

#: Seals bytes before they touch the disk, or opens them again (the words of a person never lie there in clear).
Cipher = Callable[[bytes], bytes]


@dataclass(frozen=True, kw_only=True, slots=True)
class Spool:
    """One sealed file per message, on disk for good before the door answers."""

    folder: Path
    seal: Cipher
    unseal: Cipher

    def keep(self, inbound: Inbound) -> None:
        """Write the message so that a power cut cannot lose it; the same message again overwrites itself.

        Raises OSError when the disk refuses.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Named after the provider's id: a retry of the same webhook makes no second file.
        final = self.folder / f"{inbound.provider}-{inbound.provider_id}.sealed"
        draft = final.with_suffix(".draft")
        _write_durably(draft, self.seal(_to_json(inbound)))
        draft.replace(final)
        _sync_folder(self.folder)

    def replay(self, accept: Callable[[Inbound], Accepted]) -> int:
        """Hand every kept message to the inbox, oldest first, and return how many were accepted.

        Stops without loss at the first message the inbox cannot take yet.
        """
        accepted = 0
        for path, inbound in self._waiting():
            try:
                accept(inbound)
            except TryLater:
                break
            except Exception as error:
                # One message the inbox cannot digest must not hold the others back; it stays for an operator.
                log().error("spooled_message_refused", inbound=path.stem, error=type(error).__name__)
                continue
            path.unlink()
            accepted += 1
        return accepted

    def _waiting(self) -> list[tuple[Path, Inbound]]:
        kept = []
        for path in self.folder.glob("*.sealed"):
            try:
                kept.append((path, _from_json(self.unseal(path.read_bytes()))))
            except Exception as error:
                # Sealed with another secret, or damaged: it stays for an operator, the others go on.
                log().error("spooled_message_unreadable", inbound=path.stem, error=type(error).__name__)
        return sorted(kept, key=lambda pair: (pair[1].received_at, pair[0].name))


def _write_durably(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _to_json(inbound: Inbound) -> bytes:
    return json.dumps(asdict(inbound) | {"received_at": inbound.received_at.isoformat()}).encode()


def _from_json(content: bytes) -> Inbound:
    fields: dict[str, Any] = json.loads(content)
    return Inbound(**fields | {"received_at": datetime.fromisoformat(fields["received_at"])})
