"""How far the phrases reach beyond what they were written from (DESIGN §9).

The sentences were written before their author had read the phrases. A seed splits them in two: the phrases may be
mended after looking at the misses of the development half; the misses of the other half are never looked at.
"""

import random

import pytest

SEED = 20261122


def halves(sentences, name):
    """The sentences of a list, cut by the seed: the development half, and the one not looked at."""
    mixed = sorted(sentences)
    random.Random(f"{SEED}-{name}").shuffle(mixed)
    return {"development": mixed[: len(mixed) // 2], "unseen": mixed[len(mixed) // 2 :]}


def split(listed, half):
    """One half of a file, in the shape of the file."""
    danger = {
        kind: {level: halves(written, f"{kind}-{level}")[half] for level, written in levels.items()}
        for kind, levels in listed["danger"].items()
    }
    return {"danger": danger, **{k: halves(listed[k], k)[half] for k in ("ordinary", "look_alikes")}}


def score(check, listed, language):
    """Shares of the sentences that alert, by level, with the right kind, and the sentences on the wrong side."""
    shares, wrong = {}, {}
    for level in ("explicit", "indirect"):
        told = [(kind, s) for kind, levels in listed["danger"].items() for s in levels[level]]
        seen = [(kind, s, check.check(s, language).kind) for kind, s in told]
        wrong[level] = [(kind, s, found) for kind, s, found in seen if found != kind]
        shares[level] = sum(found != "none" for _, _, found in seen) / len(seen)
        shares[f"{level}, right kind"] = sum(found == kind for kind, _, found in seen) / len(seen)
    for name in ("ordinary", "look_alikes"):
        seen = [("none", s, check.check(s, language).kind) for s in listed[name]]
        wrong[name] = [one for one in seen if one[2] != "none"]
        shares[name] = len(wrong[name]) / len(seen)
    return shares, wrong


#: Measured on the whole set after the phrases were mended (the target of DESIGN §9 in brackets): a regression fails.
#: First run, before any phrase was mended: French explicit 0.90, indirect 0.37, ordinary 0.009, look-alikes 0.19;
#: English explicit 0.87, indirect 0.38, ordinary 0.03, look-alikes 0.28.
AT_LEAST = {"explicit": 0.97, "indirect": 0.93, "explicit, right kind": 0.90, "indirect, right kind": 0.90}  # [.99 .90]
AT_MOST = {"ordinary": 0.02, "look_alikes": 0.07}  # [0.01, 0.05]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("half", ["development", "unseen"])
def test_the_phrases_reach_beyond_what_they_were_written_from(safety_check, sentences, language, half):
    shares, _ = score(safety_check, split(sentences(f"unseen_2026_11_{language}"), half), language)

    assert {name: share for name, share in shares.items() if share < AT_LEAST.get(name, 0)} == {}
    assert {name: share for name, share in shares.items() if share > AT_MOST.get(name, 1) + 0.03} == {}


def test_the_neighbour_of_87_is_no_child(safety_check):
    assert safety_check.check("le fils de ma voisine de 87 ans la frappe", "fr").kind == "vulnerable_adult"
    assert safety_check.check("je sors de l'hôpital lundi et j'ai personne pour m'aider", "fr").kind == "none"
