"""House rules that no linter knows."""

import ast
import re
import subprocess
import sys

import pytest
from code_read import modules, texts
from houses import reading_parts

from passerelle.foundation.config import ROOT

#: Programs of their own: what they say is for the terminal. The others only log.
MAY_PRINT = {
    "passerelle/app/catalogue.py",
    "passerelle/app/chat.py",
    "passerelle/app/commands.py",
    "passerelle/app/json_lines.py",
    "passerelle/app/plainly.py",
    "passerelle/app/running_bot.py",
    "passerelle/app/serve.py",
    "passerelle/conversation/training_data.py",
    "orientation_catalogue/build.py",
    "orientation_catalogue/territory/build.py",
}

#: Digits in a text that look like a help number and are ages.
AGES = re.compile(r"\b15 (to|à) 17\b|\b18 (to|à) 25\b|(under|moins de) 15( ans)?\b|\b15 ans\b")
HELP_NUMBER = re.compile(
    r"(?<![\d:.,€])\b(15|17|18|11[0-9]|116 ?\d{3}|3\d{3})\b(?! ?(h|km|%|€|euros|jours|days|minutes))"
)

#: Numbers of counters rather than of help: said where the counter is explained.
COUNTERS = {"3230"}


def test_the_rooms_keep_their_order():
    """The import-linter contract of pyproject.toml (DESIGN §3)."""
    program = ROOT / ".venv" / "bin" / "lint-imports"
    ran = subprocess.run(
        [str(program) if program.exists() else "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stdout


def test_only_programs_print():
    printers = {
        str(path.relative_to(ROOT))
        for path, module in modules()
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print"
    }

    assert printers <= MAY_PRINT


def test_nothing_is_left_to_do_in_a_comment():
    """What remains to be done is an issue, with an owner."""
    word = "TO" + "DO"
    left = [
        str(path.relative_to(ROOT))
        for pattern in ("passerelle", "actions", "orientation_catalogue", "bot", "tests", "scripts", "migrations")
        for path in (ROOT / pattern).rglob("*")
        if path.suffix in {".py", ".sh", ".js", ".css", ".html", ".yml", ".yaml"}
        and ".venv" not in path.parts
        and re.search(rf"\b({word}|FIX{'ME'}|XX{'X'})\b", path.read_text(encoding="utf-8"))
    ]

    assert left == []


def test_no_failure_is_printed_for_the_developer():
    """A traceback carries the words of the person: it stays out of production."""
    printers = [
        str(path.relative_to(ROOT))
        for path, module in modules()
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute) and node.attr in {"print_exc", "print_exception", "format_exc"}
    ]

    assert printers == []


def test_every_module_says_what_it_is_for():
    silent = [str(path.relative_to(ROOT)) for path, module in modules() if not ast.get_docstring(module)]

    assert silent == []


def test_nothing_of_ours_works_at_import():
    """Loaders are functions, called by the composition root: importing touches no file, database or network."""
    program = (
        "import sys, builtins, pkgutil, importlib\n"
        "import passerelle.app.compose, passerelle.app.commands\n"
        "opened = []\n"
        "real = builtins.open\n"
        "def watched(file, *args, **kwargs):\n"
        "    if str(file).endswith(('.yaml', '.yml', '.po', '.json', '.gz', '.db')):\n"
        "        opened.append(str(file))\n"
        "    return real(file, *args, **kwargs)\n"
        "builtins.open = watched\n"
        "ours = ('passerelle', 'actions', 'orientation_catalogue')\n"
        "for name in [n for n in sys.modules if n.split('.')[0] in ours]:\n"
        "    importlib.reload(sys.modules[name]) if not name.endswith('tables') else None\n"
        "assert not opened, opened\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stderr[-2000:]


def test_every_help_number_said_comes_from_the_dated_rows():
    """Numbers change: each one a text says must be a confirmed row of passerelle/safety/data/numbers.yaml."""
    known = {row.number for row in reading_parts().numbers.shown} | COUNTERS
    usages = {f"number.{row.number}" for row in reading_parts().numbers._rows.values()}
    stray = [
        (text.language, text.key, number)
        for text in texts()
        if text.key not in usages
        for found in HELP_NUMBER.finditer(AGES.sub("", text.text))
        if (number := found[1].replace(" ", "")) not in known
    ]

    assert stray == []


@pytest.mark.parametrize("package", ["passerelle", "actions"])
def test_no_help_number_is_written_in_the_code_but_the_last_resort(package):
    written = {
        (str(path.relative_to(ROOT)), node.value)
        for path, module in modules()
        if path.is_relative_to(ROOT / package)
        for node in ast.walk(module)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"(15|17|18|11[0-9]|3\d{3})", node.value)
    }

    assert written <= {("passerelle/safety/numbers.py", "112")}
