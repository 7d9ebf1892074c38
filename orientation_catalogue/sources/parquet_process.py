"""Reads one Parquet file into lines of JSON on its output, within its own memory and time. Run by parquet_rows."""

import json
import math
import resource
import sys
from typing import Any

MEMORY = 1_500_000_000
SECONDS = 900
#: Rows fetched at once: a value may be as long as the memory allows.
_BATCH = 200


def main(file: str) -> int:
    """Write the rows; the last line of the error output says why when that cannot be done."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # After the limits: the library too lives within them.
    import duckdb

    try:
        database = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": "500MB",
                "threads": 1,
                "temp_directory": "",
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            },
        )
        # In this order: each of them closes the door to the one before.
        for setting in (f"allowed_paths = ['{file}']", "enable_external_access = false", "lock_configuration = true"):
            database.execute(f"SET {setting}")
        found = database.execute("SELECT * FROM read_parquet(?)", [file])
        names = [column[0] for column in found.description]
        while rows := found.fetchmany(_BATCH):
            for row in rows:
                sys.stdout.write(json.dumps(dict(zip(names, map(_plain, row), strict=True)), default=str) + "\n")
    except (duckdb.Error, MemoryError) as error:
        first = (str(error).strip().splitlines() or [""])[0]
        # The name is ours, of a folder that is gone: it tells nobody anything.
        sys.stderr.write(f"{first.replace(file, 'the file')[:200] or 'it takes more memory than is allowed'}\n")
        return 1
    return 0


def _plain(value: Any) -> Any:
    """Pandas writes a missing number as NaN."""
    return None if isinstance(value, float) and math.isnan(value) else value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
