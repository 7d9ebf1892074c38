"""Time matching and finding places. Run by hand: python tests/bench/bench_matching.py [number of services]."""

import datetime
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable

from data_inclusion.schema import v1

from orientation_catalogue.catalogue import Catalogue
from orientation_catalogue.matching import match
from orientation_catalogue.model import Complement, Offer
from orientation_catalogue.profile import Profile
from orientation_catalogue.territory.places import Commune, Places

HOURS = ["Mo-Fr 09:00-12:00,14:00-17:00; PH off", "Mo,We 14:00-18:00", "Tu-Sa 10:00-12:30", None]
PUBLICS = [frozenset({"tous-publics"}), frozenset({"seniors"}), frozenset({"familles", "femmes"}), None]
NETWORKS = ["ccas-cias", "france-service", "restos-du-coeur", "croix-rouge", "caf", "cidff"]
NEEDS = sorted(thematique.value for thematique in v1.Thematique)
AT = datetime.datetime(2026, 11, 23, 9, 30, tzinfo=datetime.UTC)
MESSAGES = [
    "bjr jsuis sorti de lhopital ya 10 jours jvis seul a rennes personne pr maider pr les courses et le menage",
    "Hello, I live in 35400 and I can't pay my rent since two months",
    "j'habite à St Malo et je ne peux plus payer mon loyer",
    "paris 12e",
    "35500",
    "villeurbane",
    "je n'ai plus rien à manger depuis lundi et je suis à bout, je ne sais plus quoi faire avec les papiers",
]


def made_up(number: int, communes: list[Commune], dice: random.Random) -> Offer:
    """One service somewhere in France."""
    here = dice.choice(communes)
    zones = [frozenset({here.code}), frozenset({here.epci or here.code}), frozenset({here.departement}), None]
    network = dice.choice(NETWORKS)
    return Offer(
        id=f"made-up--{number}",
        name={"fr": f"Service {number}"},
        national=False,
        thematiques=tuple(dice.sample(NEEDS, dice.choice([1, 1, 2, 3]))),
        publics=dice.choice(PUBLICS),
        zone=dice.choices(zones, weights=[30, 30, 39, 1])[0],
        mobilised_by=frozenset({"usagers", "professionnels"}) if dice.random() < 0.9 else frozenset({"professionnels"}),
        remote=dice.random() < 0.2,
        on_site=True,
        commune=here.code,
        departement=here.departement,
        latitude=here.latitude,
        longitude=here.longitude,
        free=True,
        hours=dice.choice(HOURS),
        network=network,
        networks=frozenset({network}),
        updated_on=AT.date(),
        complement=Complement(rank=dice.randint(1, 5)),
    )


def percentiles(run: Callable[[int], object], times: int) -> str:
    """Median and 95th percentile of a call, in milliseconds."""
    spent = []
    for index in range(times):
        start = time.perf_counter()
        run(index)
        spent.append((time.perf_counter() - start) * 1000)
    cut = statistics.quantiles(spent, n=20)
    return f"p50 {statistics.median(spent):.2f} ms, p95 {cut[-1]:.2f} ms"


def main() -> None:
    """Print the figures of DESIGN §9 for this machine."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    dice = random.Random(1)
    places = Places.load()
    codes = [code for departement in places.departements for code in places.codes_of_departement(departement)]
    communes = [places.commune(code) for code in dice.sample(codes, 3000)]
    catalogue = Catalogue((made_up(number, communes, dice) for number in range(count)), sha256="bench")
    profiles = [
        Profile(commune=dice.choice(communes).code, needs=tuple(dice.sample(NEEDS, dice.choice([1, 2, 3]))), at=AT)
        for _ in range(300)
    ]
    places.find("x")
    print(f"match, {count} services:", percentiles(lambda i: match(catalogue, profiles[i], places=places), 300))
    print("find:", percentiles(lambda i: places.find(MESSAGES[i % len(MESSAGES)]), 350))
    print(f"memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main()
