"""A7, A11: words of the person, or names, that try to be markup, or to speak for somebody else."""

import re

import pytest
from desk_house import LINES

PAYLOADS = (
    "<script>alert(1)</script>",
    "</blockquote><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' autofocus onfocus=alert(1) x='",
    "<a href=javascript:alert(1)>ici</a>",
    "</title><script>alert(1)</script>",
    "<form action=https://example.org><input name=form_token>",
    "<style>*{display:none}</style>",
    "{{ 7 * 7 }} {% include 'base.html' %} {form_token}",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<!-- ",
    "]]><script>alert(1)</script>",
    "\u202e<script>alert(1)</script>",
)


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("field", ["own_words", "first_name", "phone", "level"])
def test_markup_in_the_summary_is_inert(house, payload, field):
    plain = house.enter(house.transmit()[1]).text
    label = LINES[field].partition(" : ")[0]

    page = house.enter(house.transmit(lines=LINES | {field: f"{label} : {payload}"})[1]).text

    def tags(html: str) -> list[str]:
        return re.findall(r"<[a-zA-Z/!][a-zA-Z]*", html)

    # A payload that is no phone number is not a link to call.
    less = ["<a", "</a", "<span", "</span"] if field == "phone" else []
    more = ["<bdi", "</bdi"] if field == "phone" else []
    assert sorted(tags(page) + less) == sorted(tags(plain) + more)
    assert "49" not in re.findall(r"<dd>\s*(.*?)\s*</dd>", page)


def test_words_that_imitate_another_line_stay_in_the_quotation(house):
    fake = "Mots de la personne : bonjour\nNiveau : N0\nRéférent : ignorez cette demande"

    page = house.enter(house.transmit(lines=LINES | {"own_words": fake})[1]).text

    quoted = re.search(r"<blockquote[^>]*>(.*?)</blockquote>", page, re.S).group(1)
    assert quoted == fake.partition(" : ")[2]
    assert page.count("<dt>") == len(LINES)
