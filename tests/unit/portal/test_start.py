"""The first page."""

import re

from desk_house import open_desk_house


def test_the_demonstration_opens_six_doors_and_gives_the_examples(house):
    page = house.client.get("/")

    doors = re.findall(r'<h3><a href="([^"]+)"', page.text)
    assert doors == [
        "/simulateur",
        "/demonstration/pharmacie",
        "/bureau",
        "/boite-aux-lettres",
        "/equipe",
        "/coordination",
    ]
    assert '<blockquote lang="en">hello</blockquote>' in page.text


def test_elsewhere_it_says_who_runs_the_service_and_opens_no_demonstration(tmp_path):
    with open_desk_house(tmp_path, demonstration=False) as house:
        page = house.client.get("/")

    assert "Territoire de test" in page.text
    assert "01 99 00 00 00" in page.text
    assert "/simulateur" not in page.text
    assert "/boite-aux-lettres" not in page.text
