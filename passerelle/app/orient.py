"""`passerelle orient`: one profile in, the dispositifs that fit out, with their reasons (DESIGN §8)."""

import json
from pathlib import Path
from typing import Any

from orientation_catalogue.catalogue import Catalogue
from orientation_catalogue.errors import CatalogueError
from orientation_catalogue.matching import match
from orientation_catalogue.orient import orient_json
from orientation_catalogue.profile import Profile
from passerelle.app.compose import Parts
from passerelle.foundation.errors import BadInput


class BadProfile(BadInput):
    """profile: {reason}"""


def answer_profile(parts: Parts, given: str, catalogue: Path | None) -> dict[str, Any]:
    """Match the profile with that catalogue, or the one in force. Raises BadProfile naming what is wrong."""
    try:
        profile = Profile.of(json.loads(given), now=parts.clock.now())
        found = Catalogue.open(catalogue) if catalogue else parts.catalogue()
    except (CatalogueError, ValueError) as error:
        raise BadProfile(reason=str(error)) from error

    def say(key: str, values: Any) -> str:
        return parts.texts.say(key, language=profile.language, **dict(values))

    return orient_json(match(found, profile, places=parts.places), say, language=profile.language)
