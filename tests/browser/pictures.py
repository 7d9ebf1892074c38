"""Make the two pictures of the README from the real pages: `.venv/bin/python tests/browser/pictures.py`."""

import socket
import sys
import tempfile
import uuid
from pathlib import Path
from types import SimpleNamespace

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

import httpx2  # noqa: E402 - the paths come first
from browsing import Phone, open_newest_request  # noqa: E402
from houses import reading_parts  # noqa: E402
from live_house import open_live_house  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

from passerelle.app.bot_process import BotProcess  # noqa: E402
from passerelle.conversation.understanding import BotClient  # noqa: E402

PICTURES = ROOT / "docs" / "pictures"


def main() -> None:
    """Start everything, hold the first conversation, take the pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    secret = uuid.uuid4().hex
    process = BotProcess(port=port, secret=secret)
    client = BotClient(
        client=httpx2.Client(timeout=10),
        url=f"http://127.0.0.1:{port}",
        secret=secret,
        normaliser=reading_parts().normaliser,
    )
    bot = SimpleNamespace(port=port, secret=secret, client=client, process=process)
    process.start()
    try:
        with tempfile.TemporaryDirectory() as folder, open_live_house(Path(folder), bot) as house:
            house.start_bot_again()
            _take(house.url)
    finally:
        process.stop()


def _take(url: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        # Only for the picture: the page's own policy refuses the style that makes its log grow.
        page = browser.new_page(base_url=url, viewport={"width": 520, "height": 1500}, locale="fr-FR", bypass_csp=True)
        phone = Phone(page, "06 39 98 12 34")
        phone.goes_to_the_offer()
        # The whole conversation in one picture: the log grows to what it holds.
        page.add_style_tag(content=".phone, .log { max-height: none !important; height: auto !important; }")
        page.locator("section.phone").first.screenshot(path=PICTURES / "telephone.png")
        phone.goes_on_to_the_preview()
        phone.sends("OUI")
        desk = browser.new_page(base_url=url, viewport={"width": 1180, "height": 1000}, locale="fr-FR")
        open_newest_request(desk)
        desk.screenshot(path=PICTURES / "referent.png")
        browser.close()
    for picture in sorted(PICTURES.glob("*.png")):
        print(picture.relative_to(ROOT), f"{picture.stat().st_size // 1024} kB")


if __name__ == "__main__":
    main()
