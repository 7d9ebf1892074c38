"""Every setting is documented, and nothing else reads the environment."""

import ast

import pytest
from code_read import modules

from passerelle.foundation.config import ROOT, Settings

GUIDE = ROOT / "docs" / "guides" / "operateur.md"

#: Starting the bot hands it the environment, with its secret.
MAY_READ_THE_ENVIRONMENT = {"passerelle/app/bot_process.py"}


def test_every_setting_is_in_the_operators_guide():
    guide = GUIDE.read_text(encoding="utf-8")

    assert [name for name in Settings.model_fields if f"PASSERELLE_{name.upper()}" not in guide] == []


def test_only_the_configuration_reads_the_environment():
    readers = {
        str(path.relative_to(ROOT))
        for path, module in modules()
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    }

    assert readers <= MAY_READ_THE_ENVIRONMENT


@pytest.mark.parametrize("missing", ["secret", "twilio_tokens"])
def test_a_real_deployment_does_not_start_without_its_secrets(tmp_path, missing):
    given = {"secret": "s" * 32, "twilio_tokens": "t" * 32}
    given.pop(missing)

    with pytest.raises(ValueError, match=f"PASSERELLE_{missing.upper()} is required"):
        Settings(demonstration=False, var=tmp_path, **given)


def test_questions_on_health_need_a_declared_host(tmp_path):
    with pytest.raises(ValueError, match="PASSERELLE_HDS_HOST"):
        Settings(var=tmp_path, profile="avec-sante-indirecte")
