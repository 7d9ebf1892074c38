"""The web application: every door and page, mounted on the parts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC

import httpx2
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from passerelle.app.compose import FAKE_TWILIO_PATH, Parts
from passerelle.app.workers import Workers
from passerelle.channels.demonstration import demonstration_router
from passerelle.channels.fake_twilio import FakeTwilio
from passerelle.channels.observation_pages import ObservationDoor, observation_router
from passerelle.channels.origins import Origins
from passerelle.channels.plain_pages import plain_router
from passerelle.channels.simulator import EXAMPLES, simulator_router
from passerelle.channels.twilio import TwilioDoor, twilio_router
from passerelle.channels.twilio_signature import SignatureCheck
from passerelle.channels.web_door import WebDoor
from passerelle.channels.web_pages import load_pages, static_files
from passerelle.channels.web_tokens import WebTokens
from passerelle.channels.widget import widget_router
from passerelle.foundation.errors import PasserelleError
from passerelle.foundation.log import log
from passerelle.portal.cards import NationalCards, cards_router
from passerelle.portal.coordinator.door import CoordinatorDoor
from passerelle.portal.coordinator.routes import coordinator_router
from passerelle.portal.desk_routes import desk_router
from passerelle.portal.grading import Gradations
from passerelle.portal.hsds import Directory, hsds_router
from passerelle.portal.mailbox import Mailbox, mailbox_router
from passerelle.portal.start import start_router
from passerelle.portal.team import TeamDoor
from passerelle.portal.team_routes import team_router
from passerelle.portal.web_pages import Pages as PortalPages
from passerelle.portal.web_pages import portal_files


def build_web(parts: Parts, *, with_workers: bool = True) -> FastAPI:
    """The application that faces people, Twilio and professionals."""
    settings = parts.settings
    twilio = _fake_twilio(parts) if settings.demonstration else None
    mailbox = Mailbox(parts.clock) if settings.demonstration else None
    workers = Workers(parts)

    @asynccontextmanager
    async def running(_app: FastAPI) -> AsyncIterator[None]:
        if mailbox is not None:
            mailbox.start(settings.smtp_port)
        if with_workers:
            workers.start()
        yield
        workers.stop()
        if mailbox is not None:
            mailbox.stop()
        if twilio is not None:
            await twilio.client.aclose()

    app = FastAPI(title="Passerelle", openapi_url=None, docs_url=None, redoc_url=None, lifespan=running)
    app.state.parts = parts
    app.state.fake_twilio = twilio
    app.state.mailbox = mailbox
    _mount_doors(app, parts, twilio)
    _mount_portal(app, parts, mailbox)
    _mount_health(app, parts)

    @app.exception_handler(PasserelleError)
    async def say_why(_request: Request, error: PasserelleError) -> Response:
        log().info("refused", error=type(error).__name__, status=error.status)
        return JSONResponse({"error": str(error)}, status_code=error.status)

    return app


def _mount_doors(app: FastAPI, parts: Parts, twilio: FakeTwilio | None) -> None:
    settings = parts.settings
    pages = load_pages()
    origins = Origins.configured(settings.sites(), settings.public_url)
    door = WebDoor(
        conversations=parts.web_conversations,
        accept=parts.accept,
        tokens=WebTokens(secret=settings.secret_value(), clock=parts.clock),
        danger_answer=parts.danger_answer,
        wake=parts.bells.page_news,
        clock=parts.clock,
    )
    sms = TwilioDoor(
        signature=SignatureCheck(public_url=settings.public_url, tokens=settings.tokens()),
        our_numbers=frozenset({settings.twilio_number}),
        spool=parts.spool,
        danger_answer=parts.danger_answer,
        received=parts.texts.say("door.received", language="fr", form="sms"),
        clock=parts.clock,
    )

    def on_status(notice: str, sid: str, status: str, code: str | None) -> None:
        if parts.outbox.report_delivery(notice, sid, status, code or ""):
            log().error("important_notice_undelivered", notice=notice, code=code or "")

    app.include_router(twilio_router(sms, accept=parts.accept, on_status=on_status))
    app.include_router(widget_router(door, origins=origins, texts=parts.texts))
    app.include_router(plain_router(door, origins=origins, texts=parts.texts, pages=pages))
    app.include_router(observation_router(_observation_door(parts), origins=origins, texts=parts.texts, pages=pages))
    if twilio is not None:
        app.include_router(simulator_router(twilio, origins=origins, pages=pages))
        app.include_router(demonstration_router(pages=pages, site="demo"))
        app.mount(FAKE_TWILIO_PATH, twilio.app)
    app.mount("/static", static_files())


def _observation_door(parts: Parts) -> ObservationDoor:
    code = parts.settings.partner_code.get_secret_value()
    return ObservationDoor(
        observations=parts.observations,
        check=parts.safety.check,
        danger_answer=parts.danger_answer,
        mask=parts.masker.mask,
        places=parts.places,
        menu=parts.menu,
        clock=parts.clock,
        code=code,
        # An open form would let anybody have us write to any telephone.
        open=bool(code) or parts.settings.demonstration,
    )


def _mount_portal(app: FastAPI, parts: Parts, mailbox: Mailbox | None) -> None:
    settings = parts.settings
    pages = PortalPages.load(parts.texts, demonstration=settings.demonstration)
    app.include_router(
        desk_router(
            database=parts.database,
            requests=parts.requests,
            links=parts.links,
            clock=parts.clock,
            gradations=Gradations(questionnaire=parts.questionnaire, ruleset=parts.ruleset, texts=parts.texts),
            pages=pages,
            secure_cookies=settings.public_url.startswith("https://"),
        )
    )
    codes = settings.team_codes()
    app.include_router(
        team_router(
            door=TeamDoor(codes=codes, secret=settings.secret_value(), clock=parts.clock),
            reading=parts.collective_reading,
            question=parts.professional_question,
            notes=parts.team_notes,
            report=parts.coordination.hear,
            hand_out=parts.hand_out,
            languages=[(code, parts.languages[code].own) for code in parts.languages.codes],
            pages=pages,
            secure_cookies=settings.public_url.startswith("https://"),
            shown_code=next(iter(codes.values())) if settings.demonstration else "",
        )
    )
    coordinators = settings.coordinator_codes()
    app.include_router(
        coordinator_router(
            # Signed apart: a team's cookie is worth nothing here, whatever its name.
            door=CoordinatorDoor(
                codes=coordinators, secret=f"coordination.{settings.secret_value()}", clock=parts.clock
            ),
            coordination=parts.coordination,
            versions=parts.catalogue_versions,
            inspection=parts.inspection,
            pages=pages,
            secure_cookies=settings.public_url.startswith("https://"),
            shown_code=next(iter(coordinators.values())) if settings.demonstration else "",
        )
    )
    app.include_router(
        start_router(
            pages=pages,
            demonstration=settings.demonstration,
            operator=settings.operator,
            number=settings.twilio_number,
            examples=EXAMPLES,
        )
    )
    app.include_router(
        cards_router(
            cards=NationalCards(parts.catalogue, parts.questionnaire),
            languages=parts.languages,
            texts=parts.texts,
            pages=pages,
        )
    )
    app.include_router(hsds_router(Directory(parts.catalogue, places=parts.places, clock=parts.clock)))
    if mailbox is not None:
        app.include_router(mailbox_router(mailbox, public_url=settings.public_url, pages=pages))
    app.mount("/portail", portal_files())


def _mount_health(app: FastAPI, parts: Parts) -> None:
    @app.get("/health")
    def health() -> dict[str, object]:
        """Whether the app answers, and whether the bot does; says nothing about anyone."""
        return {
            "app": True,
            "bot": parts.bot_client.is_ready() if parts.bot is None else True,
            "at": parts.clock.now().astimezone(UTC).isoformat(),
        }


def _fake_twilio(parts: Parts) -> FakeTwilio:
    settings = parts.settings
    return FakeTwilio(
        account_sid=settings.twilio_account,
        auth_token=settings.tokens()[0],
        number=settings.twilio_number,
        webhook_url=f"{settings.public_url}/sms/twilio",
        client=httpx2.AsyncClient(timeout=15),
        clock=parts.clock,
    )
