"""How far the phrases reach beyond what they were written from (DESIGN §9).

The sentences were written before their author had read the phrases. A seed splits them in two: the phrases may be
mended after looking at the misses of the development half; the misses of the other half are never looked at.
`python tests/unit/safety/test_unseen.py` prints the scores, and the development half's misses.
"""

import random
from pathlib import Path

import pytest
import yaml

SEED = 20261122


def halves(sentences, name):
    """The sentences of a list, cut by the seed: the development half, and the one not looked at."""
    mixed = sorted(sentences)
    random.Random(f"{SEED}-{name}").shuffle(mixed)  # noqa: S311 - a draw, not a secret
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
