"""The French needs data: real thematiques, enough of each, nothing learnt by heart and nobody recognisable."""

import re
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path
from typing import TypedDict

import pytest
import yaml
from data_inclusion.schema.v1 import Thematique
from rapidfuzz import fuzz, process

from passerelle.foundation.text import fold

NLU_DATA = Path(__file__).parents[3] / "nlu_data" / "fr"
#: Which files hold the messages, as patterns: each voice of the training messages has its own file.
TRAINING = "needs*.yml"
EVALUATION = "evaluation/needs.yml"

#: The thematiques our forty questions reach (reference/screening.md §6.4).
ASKED = frozenset(
    {
        "difficultes-administratives-ou-juridiques--accompagnement-aux-demarches-administratives",
        "difficultes-administratives-ou-juridiques--accompagnement-pour-lacces-aux-droits",
        "difficultes-administratives-ou-juridiques--connaitre-ses-droits-face-a-une-discrimination",
        "difficultes-administratives-ou-juridiques--prendre-en-compte-une-problematique-judiciaire",
        "difficultes-financieres--prevenir-une-degradation-de-la-situation-financiere",
        "difficultes-financieres--situation-dendettement-surendettement",
        "equipement-et-alimentation--aide-menagere",
        "equipement-et-alimentation--alimentation",
        "equipement-et-alimentation--electromenager",
        "equipement-et-alimentation--habillement",
        "famille--garde-denfants",
        "famille--prise-en-charge-personne-dependante",
        "famille--soutien-a-la-parentalite-et-a-leducation",
        "famille--soutien-aidants",
        "famille--surmonter-conflits-separation-violence",
        "lecture-ecriture-calcul--maitriser-le-francais",
        "logement-hebergement--changer-de-logement",
        "logement-hebergement--rechercher-une-solution-dhebergement-temporaire",
        "logement-hebergement--reduire-les-impayes-de-loyer",
        "logement-hebergement--se-maintenir-dans-le-logement",
        "mobilite--etre-accompagne-dans-son-parcours-mobilite",
        "mobilite--financer-ma-mobilite",
        "numerique--acceder-a-des-services-en-ligne",
        "numerique--acceder-a-une-connexion-internet",
        "numerique--acquerir-un-equipement",
        "numerique--maitriser-les-fondamentaux-du-numerique",
        "remobilisation--lien-social",
        "sante--acces-aux-soins",
        "sante--constituer-un-dossier-mdph-invalidite",
        "se-former--trouver-sa-formation",
        "trouver-un-emploi--maintien-dans-lemploi",
        "trouver-un-emploi--repondre-a-des-offres-demploi",
    }
)
#: Told in free text only: two doors (no question is asked) and two neighbours of asked thematiques.
TOLD = frozenset(
    {
        "sante--addictions",
        "sante--sante-mentale",
        "logement-hebergement--louer-un-logement",
        "difficultes-financieres--ameliorer-sa-gestion-budgetaire",
    }
)
TRAINING_MINIMUM = dict.fromkeys([*ASKED, *TOLD], 80)
EVALUATION_MINIMUM = 8
NEAR_DUPLICATE = 92
SHARED_RUN = 5
#: Below this many words a token-set score says nothing: "je suis au RSA" is inside many sentences.
SCORED_WORDS = 4

_WORD = re.compile(r"\w+(?:['-]\w+)*")
_PHONE = re.compile(r"(?:\+33|\b0)[ .-]?[1-9](?:[ .-]?\d{2}){4}\b")
_SOCIAL_SECURITY = re.compile(r"\b[12] ?\d{2} ?(?:0[1-9]|1[0-2]) ?\d{2} ?\d{3} ?\d{3}\b")
_TITLE_AND_NAME = re.compile(r"\b(?:M\.|Mr|Mme|Mlle|Dr|Docteur|Ma[iî]tre|Monsieur|Madame) [A-ZÉÈ][a-zéèêïî-]+")


class Message(TypedDict):
    text: str
    needs: list[str]


@cache
def messages(files: str) -> list[Message]:
    lines: list[Message] = []
    for path in sorted(NLU_DATA.glob(files)):
        with path.open(encoding="utf-8") as stream:
            # Only the loader's speed differs from safe_load: the C parser builds the same plain values.
            lines += yaml.load(stream, Loader=yaml.CSafeLoader)
    return lines


def words(text: str) -> list[str]:
    return _WORD.findall(fold(text))


def counts(files: str) -> Counter[str]:
    return Counter(need for message in messages(files) for need in message["needs"])


both_files = pytest.mark.parametrize("files", [TRAINING, EVALUATION], ids=["training", "evaluation"])


@both_files
def test_every_message_is_a_text_and_its_needs(files: str) -> None:
    for message in messages(files):
        assert message.keys() == {"text", "needs"}
        assert isinstance(message["text"], str)
        assert message["text"] == message["text"].strip() != ""


@both_files
def test_every_need_is_a_real_thematique_told_once(files: str) -> None:
    real = {thematique.value for thematique in Thematique}
    wrong = [
        message
        for message in messages(files)
        if not set(message["needs"]) <= real or len(set(message["needs"])) < len(message["needs"])
    ]
    assert wrong == []


@both_files
def test_no_need_is_outside_what_the_service_opens(files: str) -> None:
    assert set(counts(files)) <= set(TRAINING_MINIMUM)


def test_the_training_messages_are_many_enough() -> None:
    lines = messages(TRAINING)
    assert len(lines) >= 5000
    assert sum(not line["needs"] for line in lines) >= 1000
    assert sum(len(line["needs"]) > 1 for line in lines) / sum(bool(line["needs"]) for line in lines) >= 0.2


def test_every_thematique_is_trained_often_enough() -> None:
    counted = counts(TRAINING)
    short = {need: counted[need] for need, least in TRAINING_MINIMUM.items() if counted[need] < least}
    assert short == {}


def test_every_thematique_is_measured_often_enough() -> None:
    lines = messages(EVALUATION)
    counted = counts(EVALUATION)
    assert len(lines) >= 350
    assert sum(not line["needs"] for line in lines) >= 60
    assert {need: counted[need] for need in TRAINING_MINIMUM if counted[need] < EVALUATION_MINIMUM} == {}


@both_files
def test_no_message_is_written_twice(files: str) -> None:
    written = Counter(" ".join(words(message["text"])) for message in messages(files))
    assert [text for text, times in written.items() if times > 1] == []


def test_no_measured_message_is_a_trained_one() -> None:
    trained = {" ".join(words(message["text"])) for message in messages(TRAINING)}
    measured = {" ".join(words(message["text"])) for message in messages(EVALUATION)}
    assert trained & measured == set()


def test_no_measured_message_is_close_to_a_trained_one() -> None:
    """Only messages that share half of the shorter one's words are scored: scoring all pairs is eight times slower."""

    def scored(files: str) -> list[list[str]]:
        split = (words(message["text"]) for message in messages(files))
        return [found for found in split if len(found) >= SCORED_WORDS]

    trained = scored(TRAINING)
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for place, found in enumerate(trained):
        for word in set(found):
            holders[word].append(place)
    close = []
    for measured in scored(EVALUATION):
        own = set(measured)
        shared = Counter(place for word in own for place in holders.get(word, ()))
        close += [
            (" ".join(measured), " ".join(trained[place]))
            for place, common in shared.items()
            if 2 * common >= min(len(own), len(set(trained[place])))
            and fuzz.token_set_ratio(" ".join(measured), " ".join(trained[place])) >= NEAR_DUPLICATE
        ]
    assert close == []


def test_no_measured_message_shares_five_words_in_a_row_with_a_trained_one() -> None:
    def runs(text: str) -> set[tuple[str, ...]]:
        found = words(text)
        return {tuple(found[start : start + SHARED_RUN]) for start in range(len(found) - SHARED_RUN + 1)}

    trained = set().union(*(runs(message["text"]) for message in messages(TRAINING)))
    shared = [message["text"] for message in messages(EVALUATION) if runs(message["text"]) & trained]
    assert shared == []


@both_files
def test_nobody_can_be_recognised_or_reached(files: str) -> None:
    """No phone number, e-mail address, social security number or surname: first names only."""
    traces = (_PHONE, _SOCIAL_SECURITY, _TITLE_AND_NAME)
    texts = [message["text"] for message in messages(files)]
    assert [text for text in texts if "@" in text or any(trace.search(text) for trace in traces)] == []


@both_files
def test_the_sentence_of_the_journey_is_neither_trained_nor_measured(files: str) -> None:
    """The journeys prove that an unseen message is understood: nothing here may nearly be it."""
    journey = (
        "bjr jsuis sorti de lhopital ya 10 jours jvis seul a rennes personne pr maider pr les courses "
        "et le menage et la caf a coupé mes apl"
    )
    joined = " ".join(words(journey))
    close = process.extract(
        joined, [" ".join(words(m["text"])) for m in messages(files)], scorer=fuzz.ratio, score_cutoff=85
    )
    assert close == []
