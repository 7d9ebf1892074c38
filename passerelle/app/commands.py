"""The command line (DESIGN §8). Bad input: one clear sentence naming the place, exit status 2, nothing changed."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from passerelle.app import catalogue
from passerelle.app.json_lines import BadLine, answer_lines
from passerelle.app.plainly import plainly
from passerelle.foundation.config import LOCALE, Settings
from passerelle.foundation.log import configure_logs
from passerelle.foundation.sms import sms_json
from passerelle.foundation.texts import Texts
from passerelle.screening.checks import Problem, check_questions, check_rules
from passerelle.screening.epices import epices_json
from passerelle.screening.in_force import rules_in_force
from passerelle.screening.rules import grade_json

if TYPE_CHECKING:
    from passerelle.app.compose import Parts

app = typer.Typer(
    help="Passerelle: intake and orientation for the non-medical side of health and social paths.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
questions = typer.Typer(help="The questionnaire.", no_args_is_help=True)
rules = typer.Typer(help="The grading rules.", no_args_is_help=True)
app.add_typer(questions, name="questions")
app.add_typer(rules, name="rules")
app.add_typer(catalogue.app, name="catalogue")


@app.callback()
def _start(context: typer.Context) -> None:
    # Commands of the other files find the program here; only those that need it pay for loading it.
    context.obj = lambda: _parts()


@app.command()
@plainly
def serve(
    port: Annotated[int, typer.Option(help="Port of the web application.")] = 0,
    database_url: Annotated[str, typer.Option(help="Database: sqlite:///… or postgresql+psycopg://…")] = "",
    host: Annotated[str, typer.Option(help="Address to listen on; TLS stands in front of it.")] = "127.0.0.1",
) -> None:
    """Run the bot, the app and the workers."""
    from passerelle.app.serve import serve as run

    settings = _settings(database_url=database_url)
    if port:
        at_home = settings.public_url == f"http://localhost:{settings.port}"
        public_url = f"http://localhost:{port}" if at_home else settings.public_url
        sites = settings.widget_sites.replace(settings.public_url, public_url)
        settings = settings.model_copy(update={"port": port, "public_url": public_url, "widget_sites": sites})
    run(settings, host=host)


@app.command()
@plainly
def chat(
    lang: Annotated[str, typer.Option(help="Language; told from the words when absent.")] = "",
    as_: Annotated[str, typer.Option("--as", help="resident or partner")] = "resident",
) -> None:
    """Hold the conversation in the terminal; one message per line."""
    from passerelle.app.chat import chat as talk

    if as_ not in {"resident", "partner"}:
        raise BadLine(line="--as", reason=f"{as_!r} is neither resident nor partner")
    configure_logs()
    talk(_settings(), language=lang or None, role=as_)


@app.command()
@plainly
def understand(
    no_model: Annotated[bool, typer.Option("--no-model", help="Rules only, as when the bot is down.")] = False,
) -> None:
    """JSON lines in, JSON lines out: what is understood of each message."""
    from passerelle.app.running_bot import parts_with_bot
    from passerelle.app.understand import Understand

    if no_model:
        answer_lines(Understand(_parts(), with_model=False))
        return
    with parts_with_bot(_settings()) as parts:
        answer_lines(Understand(parts, with_model=True))


@app.command()
@plainly
def grade() -> None:
    """JSON lines of facts in, levels with their rules out."""
    texts = Texts.load(LOCALE)
    ruleset = rules_in_force(_settings().rules, texts)
    answer_lines(lambda line: grade_json(line, ruleset=ruleset, texts=texts))


@app.command()
@plainly
def epices() -> None:
    """JSON lines of eleven answers in, EPICES scores out (exact decimals)."""
    answer_lines(epices_json)


@app.command()
@plainly
def orient(
    catalogue: Annotated[Path | None, typer.Option(help="A catalogue file; the one in force when absent.")] = None,
) -> None:
    """One JSON profile in, the dispositifs that fit out, with their reasons."""
    from passerelle.app.orient import answer_profile

    print(json.dumps(answer_profile(_parts(), sys.stdin.read(), catalogue), ensure_ascii=False))


@app.command()
@plainly
def ask(
    question: Annotated[str, typer.Argument(help="A professional's question, in French, that names nobody.")],
    no_model: Annotated[bool, typer.Option("--no-model", help="Without the bot: the commune only is read.")] = False,
) -> None:
    """Answer a professional's question from the catalogue; nothing is kept."""
    from passerelle.app.ask import ask as answer
    from passerelle.app.compose import compose
    from passerelle.app.running_bot import parts_with_bot
    from passerelle.conversation.understanding import NoBot

    configure_logs()
    if no_model:
        print(answer(compose(_settings(), bot=NoBot()), question))
        return
    with parts_with_bot(_settings()) as parts:
        print(answer(parts, question))


@app.command()
@plainly
def sms(text: Annotated[str, typer.Argument(help="The text to send.")]) -> None:
    """Encoding, parts and text of one SMS, as it will be sent."""
    print(json.dumps(sms_json(text), ensure_ascii=False))


@questions.command("check")
@plainly
def questions_check(
    file: Annotated[Path | None, typer.Argument(help="Questionnaire file; the one in force when absent.")] = None,
) -> None:
    """Check a questionnaire before it may be activated."""
    file = file or _settings().questions
    _report(check_questions(file, Texts.load(LOCALE)), f"{file.name}: the questions are sound.")


@rules.command("check")
@plainly
def rules_check(
    file: Annotated[Path | None, typer.Argument(help="Rules file; the one in force when absent.")] = None,
) -> None:
    """Prove the grading rules total, deterministic and monotone before they may be activated."""
    file = file or _settings().rules
    _report(check_rules(file, Texts.load(LOCALE)), f"{file.name}: the rules are total, determined, monotone.")


@app.command()
@plainly
def observe(
    month: Annotated[str, typer.Argument(help="Month to count, e.g. 2026-11.")],
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of CSV.")] = False,
) -> None:
    """Wanted needs by thematique and EPCI, small counts hidden."""
    from passerelle.app.observe import observe_month

    print(observe_month(_parts(), month, as_json=as_json))


@app.command()
@plainly
def doctor() -> None:
    """Say whether everything is in place, and what to do about what is not."""
    from passerelle.app.doctor import examine

    findings = list(examine(_parts()))
    for finding in findings:
        print(
            f"{'no ' if finding.trouble else 'ok '} {finding.what}{': ' + finding.trouble if finding.trouble else ''}"
        )
    if any(finding.trouble for finding in findings):
        raise typer.Exit(1)


def main() -> None:
    """Entry point of `passerelle`."""
    app()


def _settings(**changed: Any) -> Settings:
    try:
        return Settings(**{name: value for name, value in changed.items() if value})
    except ValueError as error:
        raise BadLine(line="settings", reason=" ".join(str(error).split())) from None


def _parts() -> "Parts":
    """The whole program; only the commands that need it pay for loading it."""
    from passerelle.app.compose import compose

    return compose(_settings())


def _report(problems: Iterable[Problem], sound: str) -> None:
    found = list(problems)
    for problem in found:
        print(problem, file=sys.stderr)
    if found:
        raise typer.Exit(2)
    print(sound)
