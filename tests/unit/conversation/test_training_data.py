"""What the bot trains on: normalised, checked, and with a digest that changes when it must."""

import json
from pathlib import Path

import pytest
import yaml

from passerelle.conversation.training_data import compile_training_data, main, weakness_of
from passerelle.foundation.errors import BadInput
from passerelle.foundation.text import Normaliser

RENT = "logement-hebergement--reduire-les-impayes-de-loyer"


@pytest.fixture
def nlu_data(tmp_path: Path) -> Path:
    folder = tmp_path / "nlu_data" / "fr"
    folder.mkdir(parents=True)
    (folder / "needs.yml").write_text(
        f'- {{text: "Jpeux plus payer mon LOYÉ", needs: [{RENT}]}}\n'
        '- {text: "j\'ai 62 ans [x](y)", needs: []}\n'
        '- {text: "Salut !", needs: []}\n',
        encoding="utf-8",
    )
    (folder / "intents.yml").write_text('greet: ["salut !", "bjr"]\n', encoding="utf-8")
    (folder / "spelling.yml").write_text("jpeux: je peux\nbjr: bonjour\n", encoding="utf-8")
    (folder / "signals.yml").write_text("lives_alone: ['\\bje vis seule?\\b']\n", encoding="utf-8")
    (folder / "topics.yml").write_text(f"{RENT}: [Loyer*]\n", encoding="utf-8")
    return tmp_path / "nlu_data"


@pytest.fixture
def bot(tmp_path: Path) -> Path:
    domain = tmp_path / "bot" / "domain"
    domain.mkdir(parents=True)
    (domain / "names.yml").write_text(
        "intents: [{greet: {use_entities: []}}, tell_situation]\nentities: [lives_alone]\n", encoding="utf-8"
    )
    (tmp_path / "bot" / "config.yml").write_text("pipeline: []\n", encoding="utf-8")
    return tmp_path / "bot"


def compiled(nlu_data: Path, bot: Path) -> tuple[str, list[dict[str, object]]]:
    into = nlu_data.parent / "out"
    digest = compile_training_data(nlu_data, into, Normaliser.load(nlu_data), bot=bot)
    return digest, yaml.safe_load((into / "nlu" / "fr.yml").read_text(encoding="utf-8"))["nlu"]


def messages_of(nlu_data: Path) -> list[dict[str, object]]:
    lines = (nlu_data.parent / "out" / "messages.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def topics_of(nlu_data: Path) -> dict[str, list[str]]:
    return json.loads((nlu_data.parent / "out" / "topics.json").read_text(encoding="utf-8"))


def test_messages_are_normalised_and_keep_their_needs(nlu_data: Path, bot: Path) -> None:
    compiled(nlu_data, bot)

    assert {
        "text": "je peux plus payer mon loye",
        "intent": "tell_situation",
        "needs": [RENT],
        "language": "fr",
        "danger": None,
        "medical": None,
    } in messages_of(nlu_data)


def test_a_danger_is_read_beside_the_needs_of_the_same_message(nlu_data: Path, bot: Path) -> None:
    (nlu_data / "fr" / "danger.yml").write_text(
        '- {text: "Jpeux plus payer mon LOYÉ", kind: none}\n- {text: "je veux mourir", kind: suicide}\n',
        encoding="utf-8",
    )
    compiled(nlu_data, bot)

    told = {message["text"]: (message["needs"], message["danger"]) for message in messages_of(nlu_data)}
    assert told["je peux plus payer mon loye"] == ([RENT], "none")
    assert told["je veux mourir"] == (None, "suicide")


def test_rasa_is_shown_a_few_messages_of_each_intent(nlu_data: Path, bot: Path) -> None:
    many = "".join(f'- {{text: "message {number}", needs: []}}\n' for number in range(30))
    (nlu_data / "fr" / "needs_many.yml").write_text(many, encoding="utf-8")
    _, blocks = compiled(nlu_data, bot)

    shown = {block.get("intent"): str(block["examples"]).count("\n") for block in blocks}
    assert (shown["tell_situation"], shown["greet"]) == (5, 2)
    assert len(messages_of(nlu_data)) == 34


def test_brackets_of_people_are_no_annotation(nlu_data: Path, bot: Path) -> None:
    compiled(nlu_data, bot)

    assert "j'ai 62 ans (x)(y)" in [message["text"] for message in messages_of(nlu_data)]


def test_every_file_of_needs_is_read_and_counts_in_the_digest(nlu_data: Path, bot: Path) -> None:
    """Other ways of speaking come in files of their own, and their arrival asks for a new training."""
    before, _ = compiled(nlu_data, bot)
    (nlu_data / "fr" / "needs_elders.yml").write_text(
        f'- {{text: "le terme n\'est pas réglé", needs: [{RENT}]}}\n', encoding="utf-8"
    )
    after, _ = compiled(nlu_data, bot)

    told = [message["text"] for message in messages_of(nlu_data) if message["needs"] == [RENT]]
    assert told == ["je peux plus payer mon loye", "le terme n'est pas regle"]
    assert after != before


def test_an_ordinary_message_gives_way_to_its_intent(nlu_data: Path, bot: Path) -> None:
    _, blocks = compiled(nlu_data, bot)
    greeting = next(block for block in blocks if block.get("intent") == "greet")

    assert greeting["examples"] == "- salut !\n- bonjour\n"


def test_signals_become_patterns_and_topics_become_lists(nlu_data: Path, bot: Path) -> None:
    _, blocks = compiled(nlu_data, bot)

    assert {"regex": "lives_alone@fr", "examples": "- \\bje vis seule?\\b\n"} in blocks
    assert topics_of(nlu_data) == {RENT: ["loyer*"]}


def test_ideas_become_lists_too(nlu_data: Path, bot: Path) -> None:
    (nlu_data / "fr" / "concepts.yml").write_text("landlord: [Proprio*, bjr]\n", encoding="utf-8")

    compiled(nlu_data, bot)

    assert topics_of(nlu_data)["landlord"] == ["bonjour", "proprio*"]


def test_the_digest_is_kept_when_nothing_changed_and_written_beside_the_data(nlu_data: Path, bot: Path) -> None:
    first, _ = compiled(nlu_data, bot)
    (nlu_data / "fr" / "commands.yml").write_text("stop: [stop]\n", encoding="utf-8")
    (nlu_data / "fr" / "evaluation").mkdir()
    (nlu_data / "fr" / "evaluation" / "needs.yml").write_text("[]\n", encoding="utf-8")
    second, _ = compiled(nlu_data, bot)

    assert first == second == (nlu_data.parent / "out" / "digest").read_text(encoding="ascii").strip()


@pytest.mark.parametrize("changed", ["nlu_data/fr/intents.yml", "nlu_data/fr/spelling.yml", "bot/config.yml"])
def test_the_digest_changes_with_what_the_training_reads(nlu_data: Path, bot: Path, changed: str) -> None:
    first, _ = compiled(nlu_data, bot)
    path = nlu_data.parent / changed
    path.write_text(path.read_text(encoding="utf-8").replace("bjr", "bsr").replace("[]", "[1]"), encoding="utf-8")

    assert compiled(nlu_data, bot)[0] != first


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("needs.yml", '- {text: "a", needs: [nothing]}\n', "message 1: 'nothing' is not a thematique"),
        ("needs.yml", '- {texte: "a"}\n', "expected {text, needs}"),
        ("needs_elders.yml", '- {texte: "a"}\n', "needs_elders.yml, message 1: expected {text, needs}"),
        ("needs.yml", "- {text: 'a', needs: [}\n", "needs.yml, line 1: not YAML"),
        ("needs.yml", f'- {{text: "bjr", needs: [{RENT}]}}\n', "is written under tell_situation and greet"),
        ("intents.yml", "sing: [la]\n", "sing: the bot's domain has no such intent"),
        ("intents.yml", "greet: [yes]\n", "expected a list of texts"),
        ("signals.yml", "sings: [la]\n", "sings: the bot's domain has no such entity"),
        ("signals.yml", "lives_alone: ['(']\n", "is not a regular expression"),
        ("concepts.yml", "a--b: [bread]\n", "a--b: the name of an idea is small letters"),
        ("danger.yml", '- {text: "a", kind: fire}\n', "message 1: 'fire' is not a value of kind"),
        ("topics.yml", "food: [bread]\n", "food: this is not a thematique"),
    ],
)
def test_bad_data_is_refused_with_its_place_and_nothing_is_written(
    nlu_data: Path, bot: Path, name: str, content: str, reason: str
) -> None:
    (nlu_data / "fr" / name).write_text(content, encoding="utf-8")

    with pytest.raises(BadInput) as refused:
        compiled(nlu_data, bot)

    assert reason in str(refused.value)
    assert not (nlu_data.parent / "out").exists()


@pytest.mark.parametrize("pattern", [r"(a+)+b", r"(?:\w*x)*", r"a.*b.*c.*d", r"x*", " seul", "("])
def test_a_pattern_that_could_hang_or_match_nothing_is_refused(pattern: str) -> None:
    assert weakness_of(pattern) is not None


@pytest.mark.parametrize("pattern", [r"\bje vis seule?\b", r"\bcoupe\b.{0,30}\bapl\b", r"a\+b\*c[*+]{2}"])
def test_a_plain_pattern_is_accepted(pattern: str) -> None:
    assert weakness_of(pattern) is None


def test_the_command_says_what_is_wrong_and_leaves_with_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["--nlu-data", str(tmp_path), "--into", str(tmp_path / "out")])

    assert status == 2
    assert "no language folder" in capsys.readouterr().err
