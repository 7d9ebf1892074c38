"""The wire keeps its promises over real HTTP, with a bot trained by the real commands."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from conftest import FOOD, RENT, Served


def test_a_told_situation_gives_its_need_and_its_action(served: Served) -> None:
    answer = served.ask("je n'arrive plus a payer mon loyer").json()

    assert answer["intent"] == "tell_situation"
    assert [need["thematique"] for need in answer["needs"]] == [RENT]
    assert answer["action"] == "action_add_needs"


def test_a_signal_is_found_by_its_pattern_with_its_place(served: Served) -> None:
    answer = served.ask("je vis seul et j'ai faim").json()

    assert answer["entities"] == [{"entity": "lives_alone", "value": "je vis seul", "start": 0, "end": 11}]
    assert [need["thematique"] for need in answer["needs"]] == [FOOD]


def test_the_stage_changes_the_action(served: Served) -> None:
    actions = [served.ask("oui", stage=stage).json()["action"] for stage in ("new", "asking")]

    assert actions == ["action_greet", "action_answer_pending"]


def test_ready_is_said_after_the_canary_with_the_hash_of_the_model(served: Served) -> None:
    answer = served.ready()

    assert answer.status_code == 200
    assert answer.json()["ready"] is True
    assert len(answer.json()["model"]) == 64


@pytest.mark.parametrize("secret", ["", "another secret of the tests"])
def test_a_wrong_secret_is_refused(served: Served, secret: str) -> None:
    answer = served.ask("bonjour", secret=secret)

    assert answer.status_code == 401
    assert answer.json() == {"error": "unauthorized"}


def test_no_secret_is_refused_everywhere(served: Served) -> None:
    statuses = [
        requests.get(f"{served.url}/ready", timeout=10),
        requests.post(f"{served.url}/understand", timeout=10),
    ]

    assert [status.status_code for status in statuses] == [401, 401]


@pytest.mark.parametrize("text", ["/restart", '/greet{"x":1}', "  /session_start", "/affirm"])
def test_a_leading_slash_is_no_command(served: Served, text: str) -> None:
    """Rasa would trust "/greet" fully, with a confidence of 1.0, without reading it (R9)."""
    answer = served.ask(text)

    assert answer.status_code == 200
    assert answer.json()["confidence"] < 1.0
    assert answer.json()["entities"] == []


def test_nothing_is_kept_between_two_messages(served: Served) -> None:
    alone = served.ask("oui", stage="asking").json()
    served.ask("je vis seul et j'ai faim", stage="new")

    assert served.ask("oui", stage="asking").json() == alone


def test_a_message_of_one_megabyte_is_refused(served: Served) -> None:
    try:
        status = served.ask("a" * 1_000_000).status_code
    except requests.ConnectionError:
        # The bot hangs up before it has read the whole; the answer may be lost on the way.
        status = 413

    assert status == 413
    assert served.ask("bonjour").status_code == 200


def test_a_text_over_the_limit_is_refused(served: Served) -> None:
    assert served.ask("a" * 1601).status_code == 413


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"text": "", "language": "fr"},
        {"text": 3, "language": "fr"},
        {"text": "bonjour"},
        {"text": "bonjour", "language": "fr", "slots": {"stage": "elsewhere"}},
        {"text": "bonjour", "language": "fr", "slots": {"phone": "0"}},
        {"text": "bonjour", "language": "fr", "sender": "default"},
    ],
)
def test_a_request_outside_the_wire_is_refused(served: Served, body: object) -> None:
    assert served.post(body).status_code == 400


def test_a_body_that_is_not_json_is_refused_without_quoting_it(served: Served) -> None:
    headers = {"Authorization": "Bearer a secret made for the tests", "Content-Type": "application/json"}
    answer = requests.post(f"{served.url}/understand", data=b"{je vis seul", headers=headers, timeout=10)

    assert answer.status_code == 400
    assert "seul" not in answer.text


def test_rasas_own_doors_are_closed(served: Served) -> None:
    paths = ("/", "/version", "/model", "/webhooks/rest/webhook", "/conversations/default/tracker")

    assert {requests.get(served.url + path, timeout=10).status_code for path in paths} == {404}


def test_parallel_requests_are_all_answered_rightly(served: Served) -> None:
    texts = ["je n'arrive plus a payer mon loyer", "j'ai faim", "bonjour", "oui"] * 10
    with ThreadPoolExecutor(8) as pool:
        actions = [answer.json()["action"] for answer in pool.map(served.ask, texts)]

    assert actions == ["action_add_needs", "action_add_needs", "action_greet", "action_answer_pending"] * 10


def test_no_word_of_a_message_is_in_the_log(served: Served) -> None:
    served.ask("mirabelle a quetsche et je vis seul")

    assert "mirabelle" not in served.log.read_text()
