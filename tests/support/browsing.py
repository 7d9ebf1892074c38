"""What people do in a browser: write on the simulator's phone, open the référent's mail, audit a page."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from playwright.sync_api import Locator, Page, expect

HOSPITAL = (
    "bjr jsuis sorti de lhopital ya 10 jours jvis seul a rennes personne pr maider pr les courses et le menage"
    " et la caf a coupé mes apl"
)

#: What a person of that first conversation answers, by words of the question.
ANSWERS = (
    ("Quel age avez-vous", "5"),
    ("vous aide-t-il déjà", "2"),
    ("signe-t-il vos papiers", "non"),
    ("prénom", "Sam"),
    ("Quand peut-on vous appeler", "le matin"),
)
_MOST_ANSWERS = 12


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def served(app: FastAPI, port: int | None = None) -> Iterator[str]:
    """Serve the pages of an application; its address, for a browser."""
    port = port or free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://localhost:{port}"
    server.should_exit = True
    thread.join(10)


def look_at(page: Page) -> None:
    """Assert what every page keeps to: no fault for axe, no sideways scrolling, one title."""
    page.wait_for_load_state("load")
    violations = Axe().run(page).response["violations"]
    assert [(fault["id"], [node["html"][:120] for node in fault["nodes"]]) for fault in violations] == []
    sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(sideways) == 0
    assert page.locator("h1").count() == 1


class Phone:
    """The first phone of the simulator's page."""

    def __init__(self, page: Page, number: str) -> None:
        self.page = page
        page.goto("/simulateur")
        field = page.get_by_label("Numéro")
        field.fill(number)
        field.press("Tab")
        self.received: Locator = page.locator(".bubble.theirs .words")

    def sends(self, text: str) -> str:
        """Type, send, and read what comes back."""
        before = self.received.count()
        field = self.page.get_by_label("Votre SMS")
        field.fill(text)
        field.press("Enter")
        expect(self.received.nth(before)).to_be_visible()
        return self.received.last.inner_text()

    def goes_to_the_offer(self) -> str:
        """The whole first conversation, up to the services and the question whether to pass it on."""
        return self._answers_until("que je transmette", self.sends(HOSPITAL))

    def goes_on_to_the_preview(self) -> str:
        """From there to what would be sent."""
        return self._answers_until("Voici ce que", self.sends("oui"))

    def goes_to_the_preview(self) -> str:
        """The whole first conversation, up to what would be sent."""
        self.goes_to_the_offer()
        return self.goes_on_to_the_preview()

    def _answers_until(self, goal: str, said: str) -> str:
        for _ in range(_MOST_ANSWERS):
            if goal in said:
                return said
            answer = next((answer for question, answer in ANSWERS if question in said), None)
            assert answer is not None, f"no answer to: {said}"
            said = self.sends(answer)
        raise AssertionError(f"{goal!r} did not come: {said}")


def open_newest_request(page: Page) -> None:
    """The référent: mailbox, newest mail, its link, the button that opens the request."""
    page.goto("/boite-aux-lettres")
    page.locator("article.mail a").first.click()
    page.locator("form[action^='/demande/'] button").click()
    page.wait_for_url("**/bureau/demandes/*")


def serious_faults(page: Page) -> list[str]:
    """What axe-core finds serious or critical on the page as it stands."""
    found = Axe().run(page).response["violations"]
    return [
        f"{fault['id']}: {fault['help']} ({fault['nodes'][0]['html'][:120]})"
        for fault in found
        if fault["impact"] in {"serious", "critical"}
    ]


def is_wider_than_its_window(page: Page) -> bool:
    """Whether one must scroll sideways to read it."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
