"""How long an import takes, and its memory: `PYTHONPATH=tests/support .venv/bin/python tests/bench/bench_import.py`.

A made-up territory on real communes (100 000 services, or the number given) is written as the published dump is, in
each of its forms, and imported in a process of its own. Target (issue 5): 100 000 services in 60 s and 1 GB.
"""

import csv
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
from synthetic_territory import Territory, write_territory

from orientation_catalogue.territory.places import Places

FORMS = ("ndjson", "json", "csv", "parquet")

_IMPORT = """
import json, resource, sys, time
from pathlib import Path
from orientation_catalogue.build import build_catalogue
begin, cpu = time.perf_counter(), time.process_time()
report = build_catalogue([Path(sys.argv[1])], Path(sys.argv[2]))
peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
print(json.dumps({"seconds": round(time.perf_counter() - begin, 1), "cpu": round(time.process_time() - cpu, 1),
    "megabytes": peak // 1024, "kept": report.kept, "merged": report.merged, "problems": report.problems}))
"""


def main() -> None:
    """Print one line a form."""
    services = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    forms = sys.argv[2:] or FORMS
    with tempfile.TemporaryDirectory() as folder:
        lines = write_territory(Territory(Places.load(), seed=3).houses(services), Path(folder) / "ndjson")
        for form in forms:
            source = lines if form == "ndjson" else _rewritten(lines, Path(folder) / form, form)
            command = [sys.executable, "-c", _IMPORT, str(source), f"{folder}/catalogue-{form}"]
            told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            print(f"{form:<8} {services} services: {json.loads(told)}", flush=True)


def _rewritten(lines: Path, into: Path, form: str) -> Path:
    """The same rows in another form; lists in CSV as Python spells them, as pandas does."""
    into.mkdir()
    (into / "complements.yaml").write_bytes((lines / "complements.yaml").read_bytes())
    for name in ("structures", "services"):
        rows = f"read_json('{lines / name}.ndjson', format='newline_delimited', sample_size=-1)"
        target = into / f"{name}.{form}"
        if form == "parquet":
            duckdb.sql(f"COPY (SELECT * FROM {rows}) TO '{target}' (FORMAT parquet)")
        elif form == "csv":
            _write_csv(lines / f"{name}.ndjson", target)
        else:
            duckdb.sql(f"COPY (SELECT * FROM {rows}) TO '{target}' (FORMAT json, ARRAY true)")
    return into


def _write_csv(lines: Path, target: Path) -> None:
    names = sorted({name for line in lines.open(encoding="utf-8") for name in json.loads(line)})
    with target.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, names)
        table.writeheader()
        table.writerows(map(json.loads, lines.open(encoding="utf-8")))


if __name__ == "__main__":
    main()
