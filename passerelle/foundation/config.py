"""Configuration: read once from the environment, typed, then closed. Each setting is documented in docs/guides."""

import re
from contextlib import suppress
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from passerelle.foundation.ids import new_id, new_secret

#: The project's root: data files are found from here whatever the working directory.
ROOT = Path(__file__).resolve().parents[2]

#: Shown on the door of the demonstration.
DEMONSTRATION_TEAM_CODE = "equipe-demonstration"
DEMONSTRATION_COORDINATOR_CODE = "coordination-demonstration"
SHORTEST_TEAM_CODE = 12

NLU_DATA = ROOT / "nlu_data"
LOCALE = ROOT / "locale"


class Settings(BaseSettings):
    """All settings; each is `PASSERELLE_<NAME>` in the environment."""

    model_config = SettingsConfigDict(env_prefix="PASSERELLE_", frozen=True, extra="ignore")

    #: Demonstration mode: fake Twilio, embedded mail box, made-up territory, start page with links.
    demonstration: bool = True
    #: Folder of everything the program makes while running.
    var: Path = ROOT / "var"
    #: Main database; empty = SQLite in `var`.
    database_url: str = ""
    #: Key store, apart from the main database and its backups; empty = SQLite in `var/keys`.
    keys_url: str = ""
    #: Address people and Twilio reach us at; signatures are verified over it, never over the Host header.
    public_url: str = "http://localhost:8000"
    #: Port the app listens on (loopback; TLS stands in front of it).
    port: int = 8000
    #: Secret behind keyed hashes and tokens; required outside demonstration mode.
    secret: SecretStr = SecretStr("")
    #: Port of the bot on loopback.
    bot_port: int = 5105
    #: Secret shared with the bot; empty = made once and kept in `var/keys`.
    bot_secret: SecretStr = SecretStr("")
    #: Seconds the app waits for the bot before it goes on without it.
    bot_timeout: float = 4.0
    #: Twilio account, tokens (comma-separated: two during a rotation), our number and the API's address.
    twilio_account: str = "AC" + "0" * 32
    twilio_tokens: SecretStr = SecretStr("")
    twilio_number: str = "+33199000937"
    twilio_api: str = "https://api.twilio.com"
    #: Outgoing mail.
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 8025
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_tls: Literal["none", "starttls"] = "none"
    mail_from: str = "passerelle@example.org"
    #: Who runs this service, as said in the first message and on the pages.
    operator: str = "Territoire de démonstration"
    #: Which questions may be asked: the second needs a declared HDS host (reference/handoff.md §4.5).
    profile: Literal["sans-sante", "avec-sante-indirecte"] = "sans-sante"
    #: Whether EPICES is offered after the proposals: an optional score, said to the person only (screening.md §1.1).
    epices: bool = False
    #: Name of the HDS host and reference of the DPIA, required by the second profile.
    hds_host: str = ""
    dpia_reference: str = ""
    #: Territory file: desks, référents, first-line structures.
    territory: Path = ROOT / "passerelle/handoff/data/demonstration/territory.yaml"
    #: Questions in force: nothing starts unless a version passes every check of `passerelle questions check`.
    questions: Path = ROOT / "passerelle/screening/data/questions.yaml"
    #: Grading rules in force: nothing starts unless a version passes every check of `passerelle rules check`.
    rules: Path = ROOT / "passerelle/screening/data/rules.yaml"
    #: Hours a conversation that led to no request is kept after its last message (reference/handoff.md §4.4).
    unfinished_hours: int = Field(default=24, ge=1, le=30 * 24)
    #: News by SMS waits for business hours; empty = yes, but in the demonstration, which may be tried on a Sunday.
    quiet_hours: bool | None = None
    #: Exact origins allowed to embed the widget, comma-separated `site=origin`.
    widget_sites: str = "demo=http://localhost:8000"
    #: Code that partners type to report what they observed; without one, that form is open in the demonstration only.
    partner_code: SecretStr = SecretStr("")
    #: Teams that may enter the professionals' pages, comma-separated `team=code`; codes of 12 characters at least.
    teams: SecretStr = SecretStr("")
    #: Coordinators who keep the register, comma-separated `name=code`; the name signs their changes.
    coordinators: SecretStr = SecretStr("")
    #: Days a collective note is kept, when its team chose to keep it.
    team_note_days: int = Field(default=180, ge=1, le=730)
    #: data·inclusion's API, read by `passerelle catalogue import api`, and the token it gives on request.
    data_inclusion_url: str = "https://api.data.inclusion.gouv.fr"
    data_inclusion_token: SecretStr = SecretStr("")
    #: Allow an address of the API that is not public or not https: a copy of one's own.
    data_inclusion_private: bool = False
    #: Threads that run turns and deliver notices.
    turn_workers: int = 2
    notice_workers: int = 2

    @model_validator(mode="after")
    def _refuse_unsafe_combinations(self) -> Self:
        if not self.demonstration and not self.secret.get_secret_value():
            raise ValueError("PASSERELLE_SECRET is required outside demonstration mode.")
        if not self.demonstration and not self.twilio_tokens.get_secret_value():
            raise ValueError("PASSERELLE_TWILIO_TOKENS is required outside demonstration mode.")
        for setting, codes in (("TEAMS", self.team_codes()), ("COORDINATORS", self.coordinator_codes())):
            for name, code in codes.items():
                # The name goes into a cookie and the table; a short code would be guessed.
                if not re.fullmatch(r"[a-z0-9-]{1,40}", name) or len(code) < SHORTEST_TEAM_CODE:
                    raise ValueError(
                        f"PASSERELLE_{setting}: {name!r} needs a name of small letters, digits and hyphens, "
                        f"and a code of {SHORTEST_TEAM_CODE} characters at least."
                    )
        if self.profile == "avec-sante-indirecte" and not (self.hds_host and self.dpia_reference):
            raise ValueError(
                "PASSERELLE_PROFILE=avec-sante-indirecte needs PASSERELLE_HDS_HOST and PASSERELLE_DPIA_REFERENCE."
            )
        return self

    @property
    def database(self) -> str:
        """Address of the main database."""
        return self.database_url or f"sqlite:///{self.var / 'passerelle.db'}"

    @property
    def keeps_quiet_hours(self) -> bool:
        """Whether news by SMS waits for business hours."""
        return not self.demonstration if self.quiet_hours is None else self.quiet_hours

    @property
    def keys(self) -> str:
        """Address of the key store."""
        return self.keys_url or f"sqlite:///{self.var / 'keys' / 'keys.db'}"

    def secret_value(self) -> str:
        """The secret; in demonstration mode one is made once and kept in `var/keys`."""
        return self.secret.get_secret_value() or _kept_secret(self.var / "keys" / "secret")

    def bot_secret_value(self) -> str:
        """The secret shared with the bot, kept so that every command can talk to the bot that runs."""
        return self.bot_secret.get_secret_value() or _kept_secret(self.var / "keys" / "bot-secret")

    def tokens(self) -> tuple[str, ...]:
        """Twilio's tokens, the current one first; the demonstration has one of its own."""
        given = self.twilio_tokens.get_secret_value()
        return tuple(part.strip() for part in given.split(",") if part.strip()) or ("demonstration-token",)

    def team_codes(self) -> dict[str, str]:
        """Teams and their codes; the demonstration has one team of its own."""
        return self._codes(self.teams, demonstration=DEMONSTRATION_TEAM_CODE)

    def coordinator_codes(self) -> dict[str, str]:
        """Coordinators and their codes; the demonstration has one of its own."""
        return self._codes(self.coordinators, demonstration=DEMONSTRATION_COORDINATOR_CODE)

    def _codes(self, given: SecretStr, *, demonstration: str) -> dict[str, str]:
        if not given.get_secret_value():
            return {"demonstration": demonstration} if self.demonstration else {}
        pairs = (part.partition("=") for part in given.get_secret_value().split(",") if part.strip())
        return {name.strip(): code.strip() for name, _, code in pairs}

    def sites(self) -> dict[str, str]:
        """Widget site keys and the one exact origin of each."""
        pairs = (part.split("=", 1) for part in self.widget_sites.split(",") if "=" in part)
        return {site.strip(): origin.strip() for site, origin in pairs}


def _kept_secret(path: Path) -> str:
    """Read the secret of a file only we may read; make it the first time, the first of several makers winning."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f"{path.name}.{new_id()}")
        draft.touch(mode=0o600)
        draft.write_text(new_secret(), encoding="ascii")
        with suppress(FileExistsError):
            # A link is made whole or not at all, and never replaces another one.
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_text(encoding="ascii")
