"""The table a coordinator edits: what data·inclusion lacks, one service a line, French headers, plain words.

Everything said of a cell is said in French: it is read by the person who wrote the table.
"""

import csv
import datetime
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import python_calamine
from data_inclusion.schema import v1

from orientation_catalogue.checks import Problem
from orientation_catalogue.errors import BadSource
from orientation_catalogue.formulas import escaped, unescaped
from orientation_catalogue.model import CARD_LENGTH
from orientation_catalogue.sources.csv_rows import cells_of
from orientation_catalogue.sources.reading import MAX_WHOLE_BYTES, Read, Row, check_file, lines_of
from orientation_catalogue.territory.names import spaced

#: A spreadsheet is a packed folder: what it unfolds to is counted before it is opened.
_MAX_UNPACKED = 200 * 1024**2
_MAX_FILES = 2_000

_WELCOME = {"inconditionnel": "unconditional", "préférentiel": "preferential", "exclusif": "exclusive"}
_CAPACITY = {"oui": "yes", "attente": "waiting", "non": "no", "inconnu": "unknown"}
_YES_NO = {"oui": True, "non": False}
#: Names of languages as people write them; a code of two letters is read as it is.
_LANGUAGES = {
    "français": "fr", "anglais": "en", "arabe": "ar", "espagnol": "es", "portugais": "pt", "ukrainien": "uk",
    "turc": "tr", "roumain": "ro", "russe": "ru", "allemand": "de", "italien": "it", "chinois": "zh", "dari": "fa",
    "persan": "fa", "farsi": "fa", "pachto": "ps", "tigrinya": "ti", "somali": "so", "bengali": "bn", "tamoul": "ta",
    "géorgien": "ka", "albanais": "sq", "arménien": "hy", "polonais": "pl", "bulgare": "bg", "serbe": "sr",
    "bambara": "bm", "soninké": "snk", "peul": "ff", "lingala": "ln", "kurde": "ku", "vietnamien": "vi",
    "breton": "br", "créole réunionnais": "rcf", "créole guadeloupéen": "gcf", "langue des signes": "fsl",
}  # fmt: skip
_LEVELS = frozenset({"U", "C", "N0", "N1", "N2", "N3", "N4"})
_PUBLICS = {public.value for public in v1.Public}
_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[ T]00:00:00)?")


class _Unreadable(ValueError):
    """What is wrong with a cell, in French."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column: its header, the field it fills, how a cell is read and written."""

    header: str
    field: str
    read: Callable[[str], Any]
    write: Callable[[Any], str]
    #: Part of a field of several texts: the language of a card, the phone of a contact.
    part: str = ""


def _whole(most: int, example: str) -> Callable[[str], int]:
    def read(text: str) -> int:
        # A spreadsheet writes 18 as 18.0.
        found = re.fullmatch(r"(\d{1,4})(?:[.,]0+)?(?:\s*(?:ans?|jours?))?", text)
        if not found or int(found.group(1)) > most:
            raise _Unreadable(f"écrivez un nombre entier de 0 à {most}, par exemple {example}")
        return int(found.group(1))

    return read


def _one_of(words: Mapping[str, Any]) -> Callable[[str], Any]:
    known = {spaced(word): value for word, value in words.items()}

    def read(text: str) -> Any:
        if spaced(text) not in known:
            raise _Unreadable(f"écrivez {_or(list(words))}")
        return known[spaced(text)]

    return read


def _word_of(words: Mapping[str, Any]) -> Callable[[Any], str]:
    back = {value: word for word, value in words.items()}
    return lambda value: back[value]


def _or(words: list[str]) -> str:
    return " ou ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else words[0]


def _day(text: str) -> str:
    french, iso = _DAY.fullmatch(text), _ISO_DAY.fullmatch(text)
    if iso:
        year, month, day = iso.groups()
    elif french:
        day, month, year = french.groups()
    else:
        raise _Unreadable("écrivez une date comme 31/08/2026")
    try:
        return datetime.date(int(year), int(month), int(day)).isoformat()
    except ValueError as error:
        raise _Unreadable("cette date n'existe pas ; écrivez une date comme 31/08/2026") from error


def _french_day(value: Any) -> str:
    return datetime.date.fromisoformat(str(value)).strftime("%d/%m/%Y")


_CLOSED = re.compile(
    r"(?:du|le|à partir du|a partir du)?\s*(?P<start>[\d/.-]{8,10})(?:\s*(?:au|-|→)\s*(?P<end>[\d/.-]{8,10}))?"
    r"\s*(?::\s*(?P<reason>.+))?",
    re.IGNORECASE,
)


def _closures(text: str) -> list[Row]:
    return [_closure(part.strip()) for part in text.split(";") if part.strip()]


def _closure(text: str) -> Row:
    found = _CLOSED.fullmatch(text)
    if not found:
        raise _Unreadable(f"« {text} » : écrivez par exemple « du 01/08/2026 au 31/08/2026 : congés »")
    start = _day(found["start"])
    alone = text.lower().startswith("le ")
    end = _day(found["end"]) if found["end"] else (start if alone else None)
    if end and end < start:
        raise _Unreadable(f"« {text} » : la fin est avant le début")
    return {"from": start, "to": end, "reason": found["reason"]}


def _written_closures(value: Any) -> str:
    return " ; ".join(_written_closure(closure) for closure in value)


def _written_closure(closure: Mapping[str, Any]) -> str:
    reason = f" : {closure['reason']}" if closure.get("reason") else ""
    if not closure.get("to"):
        return f"à partir du {_french_day(closure['from'])}{reason}"
    return f"du {_french_day(closure['from'])} au {_french_day(closure['to'])}{reason}"


def _languages(text: str) -> list[str]:
    known = {spaced(name): code for name, code in _LANGUAGES.items()}
    found = []
    for word in _words(text):
        code = known.get(spaced(word), word.lower())
        if not re.fullmatch(r"[a-z]{2,3}", code):
            raise _Unreadable(f"langue inconnue « {word} » : écrivez par exemple « français, arabe » ou « fr, ar »")
        found.append(code)
    return list(dict.fromkeys(found))


def _written_languages(value: Any) -> str:
    names: dict[str, str] = {}
    for name, code in _LANGUAGES.items():
        names.setdefault(code, name)
    return ", ".join(names.get(code, code) for code in value)


def _levels(text: str) -> list[str]:
    levels = [word.upper() for word in _words(text)]
    wrong = next((level for level in levels if level not in _LEVELS), None)
    if wrong:
        raise _Unreadable(f"niveau inconnu « {wrong} » : écrivez par exemple « N1, N2 »")
    return levels


def _words(text: str) -> list[str]:
    return [word.strip() for word in re.split(r"[,;|/]", text) if word.strip()]


def _text(text: str) -> str:
    return text


def _card(text: str) -> str:
    if len(text) > CARD_LENGTH:
        raise _Unreadable(f"la fiche a {len(text)} caractères, {CARD_LENGTH} au plus")
    return text


def _email(text: str) -> str:
    if not re.fullmatch(r"[^\s@]+@[^\s@]+\.[^\s@]+", text):
        raise _Unreadable("ce n'est pas une adresse de courriel")
    return text


def _phone(text: str) -> str:
    if not re.fullmatch(r"\+?[\d\s.]{4,20}", text):
        raise _Unreadable("écrivez un numéro comme 01 99 00 00 01")
    # A spreadsheet takes the first 0 of a number away.
    digits = re.sub(r"[\s.]", "", text)
    return f"0{digits}" if re.fullmatch(r"[1-9]\d{8}", digits) else digits


def _written_phone(value: Any) -> str:
    """A + at the beginning of a cell is a formula for a spreadsheet."""
    digits = re.sub(r"^(?:\+33|0033)", "0", str(value))
    return " ".join(re.findall(r"..", digits)) if re.fullmatch(r"0\d{9}", digits) else digits.replace("+", "00", 1)


_AGES = re.compile(
    r"(?:de (?P<from>\d+) (?:à|a) (?P<to>\d+)|(?:dès|des|à partir de|a partir de) (?P<min>\d+)"
    r"|jusqu'(?:à|a) (?P<max>\d+))"
    r"(?: ans)?"
)


def _for_whom(text: str) -> list[Row]:
    return [_kind_of_person(part.strip()) for part in re.split(r"\s+ou\s+|;", text) if part.strip()]


def _kind_of_person(text: str) -> Row:
    kind: Row = {}
    for part in re.split(r"\s+et\s+|,", text):
        said = part.strip().lower().replace("’", "'")
        not_for = said.removeprefix("sauf ").strip() if said.startswith("sauf ") else ""
        ages = _AGES.fullmatch(said)
        if ages:
            low, high = ages["from"] or ages["min"], ages["to"] or ages["max"]
            kind |= {name: int(age) for name, age in (("min_age", low), ("max_age", high)) if age}
        elif (not_for or said) in _PUBLICS:
            kind.setdefault("not_publics" if not_for else "publics", []).append(not_for or said)
        elif said:
            raise _Unreadable(f"« {part.strip()} » : écrivez par exemple « femmes et dès 18 ans ou familles »")
    return kind


def _written_for_whom(value: Any) -> str:
    return " ou ".join(" et ".join(_said_of(kind)) for kind in value)


def _said_of(kind: Mapping[str, Any]) -> Iterator[str]:
    yield from kind.get("publics", ())
    yield from (f"sauf {public}" for public in kind.get("not_publics", ()))
    low, high = kind.get("min_age"), kind.get("max_age")
    if low is not None and high is not None:
        yield f"de {low} à {high} ans"
    elif low is not None:
        yield f"dès {low} ans"
    elif high is not None:
        yield f"jusqu'à {high} ans"


_IDENTIFIER, _NAME = "identifiant du service", "nom du service"
_PEOPLE = (("referral_contact", "contact"), ("backup_contact", "relais"))
_TEXT_LANGUAGES = {
    "fr": "", "en": " en anglais", "ar": " en arabe", "es": " en espagnol", "pt": " en portugais",
    "uk": " en ukrainien", "tr": " en turc", "ro": " en roumain",
}  # fmt: skip

COLUMNS: tuple[Column, ...] = (
    Column(header="âge minimum", field="min_age", read=_whole(120, "18"), write=str),
    Column(header="âge maximum", field="max_age", read=_whole(120, "25"), write=str),
    Column(header="accueil", field="welcome", read=_one_of(_WELCOME), write=_word_of(_WELCOME)),
    Column(header="pour qui", field="for_whom", read=_for_whom, write=_written_for_whom),
    Column(header="langues parlées", field="languages", read=_languages, write=_written_languages),
    Column(header="fermetures", field="closures", read=_closures, write=_written_closures),
    Column(header="places", field="capacity", read=_one_of(_CAPACITY), write=_word_of(_CAPACITY)),
    Column(header="délai en jours", field="delay_days", read=_whole(1000, "15"), write=str),
    Column(header="vérifié le", field="checked_on", read=_day, write=_french_day),
    Column(
        header="adresse confidentielle", field="confidential_address", read=_one_of(_YES_NO), write=_word_of(_YES_NO)
    ),
    Column(header="accepte un résumé", field="accepts_summary", read=_one_of(_YES_NO), write=_word_of(_YES_NO)),
    *(
        Column(header=f"{word} : {said}", field=field, part=part, read=read, write=write)
        for field, word in _PEOPLE
        for part, said, read, write in (
            ("name", "nom", _text, str),
            ("role", "fonction", _text, str),
            ("email", "courriel", _email, str),
            ("phone", "téléphone", _phone, _written_phone),
        )
    ),
    Column(header="niveaux", field="levels", read=_levels, write=", ".join),
    Column(header="rang", field="rank", read=_whole(5, "1"), write=str),
    Column(header="régions", field="regions", read=_words, write=", ".join),
    *(
        Column(header=f"documents à apporter{said}", field="documents", part=language, read=_text, write=str)
        for language, said in _TEXT_LANGUAGES.items()
    ),
    *(
        Column(header=f"fiche{said}", field="card", part=language, read=_card, write=str)
        for language, said in _TEXT_LANGUAGES.items()
    ),
)
_BY_HEADER = {spaced(column.header): column for column in COLUMNS}


def is_table(path: Path) -> bool:
    """Whether the first line of a CSV file is the header of this table."""
    check_file(path)
    _, line = next(lines_of(path), (1, ""))
    return spaced(_IDENTIFIER) in spaced(line)


def table_rows(path: Path) -> Iterator[Read]:
    """The lines of the table as complements; each bad cell is yielded with its problem, in French."""
    for number, cells, problem in _cells(path):
        service = unescaped(cells.get(_IDENTIFIER, "")).strip()
        value: Row = {"id": service}
        problems = [problem] if problem else list(_fill(value, cells))
        if not service and not problems:
            problems = [Problem(field=_IDENTIFIER, value=None, reason="l'identifiant du service manque")]
        for found in problems:
            said = Problem(
                field=found.field,
                value=found.value,
                reason=f"ligne {number}, colonne « {found.field} » : {found.reason}",
            )
            yield Read(file=str(path), row=number, value=value, kind="complement", problem=said)
        if not problems:
            yield Read(file=str(path), row=number, value=value, kind="complement")


def _fill(value: Row, cells: Mapping[str, str]) -> Iterator[Problem]:
    for header, cell in cells.items():
        text = unescaped(cell).strip()
        column = _BY_HEADER.get(spaced(header))
        if column is None or not text:
            continue
        try:
            read = column.read(text)
        except _Unreadable as error:
            # Names of people stand in this table: their cells are not repeated in a report.
            yield Problem(field=column.header, value="" if column.part else text, reason=str(error))
            continue
        if column.part:
            value.setdefault(column.field, {})[column.part] = read
        else:
            value[column.field] = read
    low, high = value.get("min_age"), value.get("max_age")
    if low is not None and high is not None and low > high:
        yield Problem(field="âge maximum", value=str(high), reason=f"il est plus petit que l'âge minimum ({low})")
    if value.get("rank") == 0:
        yield Problem(field="rang", value="0", reason="écrivez un nombre entier de 1 à 5, par exemple 1")


def _cells(path: Path) -> Iterator[tuple[int, Mapping[str, str], Problem | None]]:
    rows = cells_of(path) if path.suffix.lower() == ".csv" else _sheet(path)
    known = {*_BY_HEADER, spaced(_IDENTIFIER), spaced(_NAME)}
    checked = False
    for number, row, problem in rows:
        if not checked:
            _check_headers(path, row, known)
            checked = True
        said = Problem(field="(toute la ligne)", value=None, reason="elle n'a pas autant de cellules que l'en-tête")
        yield number, {_plain_header(name): cell for name, cell in row.items()}, said if problem else None


def _plain_header(name: str) -> str:
    return _IDENTIFIER if spaced(name) == spaced(_IDENTIFIER) else name


def _check_headers(path: Path, row: Mapping[str, str], known: set[str]) -> None:
    headers = {spaced(name): name for name in row if name.strip()}
    if spaced(_IDENTIFIER) not in headers:
        raise BadSource(path=path, problem=f"ligne 1 : la colonne « {_IDENTIFIER} » manque")
    unknown = next((name for key, name in headers.items() if key not in known), None)
    if unknown:
        raise BadSource(path=path, problem=f"ligne 1 : la colonne « {unknown} » n'est pas connue")


def _sheet(path: Path) -> Iterator[tuple[int, Row, Problem | None]]:
    """The first sheet of an .xlsx or .ods file: values only, a formula gives the value that was last saved."""
    _check_unpacked(path)
    try:
        sheet = python_calamine.load_workbook(str(path)).get_sheet_by_index(0)
        lines = iter(sheet.to_python(skip_empty_area=False))
    except (python_calamine.CalamineError, OSError, IndexError) as error:
        raise BadSource(path=path, problem=f"ce classeur est illisible ({error})") from error
    header = [str(cell).strip() for cell in next(lines, [])]
    for number, cells in enumerate(lines, start=2):
        texts = [_cell_text(cell) for cell in cells]
        if any(texts):
            yield number, {name: text for name, text in zip(header, texts, strict=False) if name}, None


def _cell_text(cell: Any) -> str:
    if isinstance(cell, bool):
        return "oui" if cell else "non"
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _check_unpacked(path: Path) -> None:
    check_file(path, most=MAX_WHOLE_BYTES)
    try:
        with zipfile.ZipFile(path) as folder:
            files = folder.infolist()
            _unfold(path, folder, files)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError) as error:
        raise BadSource(path=path, problem="ce n'est pas un classeur .xlsx ou .ods") from error


def _unfold(path: Path, folder: zipfile.ZipFile, files: list[zipfile.ZipInfo]) -> None:
    """Count what it really unfolds to: the sizes that a packed file announces may lie."""
    left = _MAX_UNPACKED
    if len(files) > _MAX_FILES:
        raise BadSource(path=path, problem=f"ce classeur contient {len(files)} fichiers, {_MAX_FILES} au plus")
    for file in files:
        with folder.open(file) as content:
            while piece := content.read(1024**2):
                left -= len(piece)
                if left < 0:
                    raise BadSource(path=path, problem=f"ce classeur se déplie au-delà de {_MAX_UNPACKED} octets")


# --- writing -----------------------------------------------------------------------------------------------------


def template_csv(services: Iterable[tuple[str, str, Mapping[str, Any]]]) -> str:
    """The table for these services (id, name, complement as plain values); semicolons and a mark, for Excel."""
    out = io.StringIO()
    table = csv.writer(out, delimiter=";", lineterminator="\r\n")
    table.writerow([_IDENTIFIER, _NAME, *(column.header for column in COLUMNS)])
    for service, name, complement in services:
        table.writerow([escaped(service), escaped(name), *(escaped(_written(c, complement)) for c in COLUMNS)])
    return "\ufeff" + out.getvalue()


def _written(column: Column, complement: Mapping[str, Any]) -> str:
    value = complement.get(column.field)
    if column.part:
        value = (value or {}).get(column.part)
    return "" if value is None or value == [] else column.write(value)
