"""How many questions are spared against asking all forty, with the same level and the same shortlist?

Run by `make bench`, or by hand: PYTHONPATH=tests/support .venv/bin/python tests/bench/bench_questions.py [people].
The people are made up (tests/support/synthetic_people.py), the questions, the rules, the demonstration catalogue and
the matching are the real ones. Both ways of asking hear the same words of the person.
"""

import statistics
import sys
from collections.abc import Iterator, Sequence

from houses import reading_parts
from synthetic_people import Ground, Trial, people

#: Of everything, only these are counted: Q01 to Q37 that the channel, the profile and the words said allow, the wish
#: and the date of each need, T3. What Passerelle asks is counted whole, commune and age too.
_SCORED = ("Q", "T")


def trials(count: int, *, private_channel: bool) -> list[Trial]:
    """That many people asked both ways, by SMS or on a private page."""
    parts = reading_parts()
    ground = Ground(
        questionnaire=parts.questionnaire,
        ruleset=parts.ruleset,
        catalogue=parts.catalogue(),
        places=parts.places,
        texts=parts.texts,
        private_channel=private_channel,
    )
    return [ground.try_on(person) for person in people(parts.questionnaire, count=count)]


def lines(found: Sequence[Trial]) -> Iterator[tuple[str, str]]:
    """What was measured, and the figure."""
    first = [len(trial.first.asked) for trial in found]
    whole = [len(trial.whole.asked) for trial in found]
    everything = [sum(key.startswith(_SCORED) for key in trial.everything.asked) for trial in found]
    mean = statistics.mean
    yield (
        "questions before a first answer",
        f"mean {mean(first):.1f}, median {statistics.median(first):.0f}, "
        f"p95 {statistics.quantiles(first, n=20)[-1]:.0f}, most {max(first)}; "
        f"in all, when the person goes on: mean {mean(whole):.1f}",
    )
    yield (
        "questions against asking everything",
        f"{mean(everything):.1f} asked: one for {mean(everything) / mean(first):.1f} before the first answer, "
        f"for {mean(everything) / mean(whole):.1f} in all",
    )
    at_once = [trial for trial in found if not trial.held_back]
    for name, some in (("people who say at once what they want", at_once), ("everybody", found)):
        yield (
            f"same as asking everything at the first answer, {name}",
            f"level {_share(trial.first.level == trial.everything.level for trial in some)}, "
            f"shortlist {_share(_same(trial, trial.first.shortlist) for trial in some)}",
        )
    yield (
        "same as asking everything in the end",
        f"level {_share(trial.whole.level == trial.everything.level for trial in found)}, "
        f"shortlist {_share(_same(trial, trial.whole.shortlist) for trial in found)}",
    )


def bench_questions(count: int) -> Iterator[tuple[str, str]]:
    """The figures, by SMS and on a private page."""
    for channel, private in (("SMS", False), ("private page", True)):
        for what, figure in lines(trials(count, private_channel=private)):
            yield f"{what} ({channel})", figure


def _same(trial: Trial, shortlist: Sequence[str]) -> bool:
    return set(shortlist) == set(trial.everything.shortlist)


def _share(same: Iterator[bool]) -> str:
    found = list(same)
    return f"{sum(found)} of {len(found)}"


def main() -> None:
    """Print the figures."""
    for what, figure in bench_questions(int(sys.argv[1]) if len(sys.argv) > 1 else 1000):
        print(f"{what}: {figure}", flush=True)


if __name__ == "__main__":
    main()
