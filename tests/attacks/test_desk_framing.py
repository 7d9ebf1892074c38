"""A29, A15: every answer of the portal, refusals included, carries the headers that protect its reader."""

import pytest

EXPECTED = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}

PATHS = (
    ("GET", "/"),
    ("GET", "/boite-aux-lettres"),
    ("GET", "/demande/{token}"),
    ("POST", "/demande/{token}"),
    ("POST", "/demande/{token}/nouveau-lien"),
    ("GET", "/demande/unknown"),
    ("GET", "/bureau"),
    ("GET", "/bureau/demandes/{id}"),
    ("GET", "/bureau/demandes/unknown"),
    ("POST", "/bureau/demandes/{id}/accepter"),
    ("POST", "/bureau/demandes/{id}/refuser"),
    ("POST", "/bureau/demandes/{id}/fait"),
    ("POST", "/bureau/sortir"),
)


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize("signed_in", [False, True])
def test_every_answer_is_protected(house, method, path, signed_in):
    request, token = house.transmit()
    if signed_in:
        house.enter(token)

    answer = house.client.request(
        method, path.replace("{id}", request).replace("{token}", token), follow_redirects=False
    )

    assert {name: answer.headers.get(name) for name in EXPECTED} == EXPECTED
