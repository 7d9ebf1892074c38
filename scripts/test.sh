#!/usr/bin/env bash
# Everything, from a fresh clone: set-up, checks, the bot's tests, then all rooms of tests/ in one run of pytest.
# A part that fails does not hide the others; the last lines are pytest's own.
set -uo pipefail
cd "$(dirname "$0")/.."

failed=()
took=()

# Each part says its name when it starts; its duration comes with the others before the last part.
part() {
  local name=$1 start=$SECONDS
  shift
  printf '\n=== %s\n' "$name"
  "$@" || failed+=("$name")
  took+=("$(printf '%-22s %4d s' "$name" $((SECONDS - start)))")
}

must() {
  part "$@"
  if [ ${#failed[@]} -gt 0 ]; then
    echo "$1 failed: nothing else can run." >&2
    exit 1
  fi
}

must "set-up" scripts/setup.sh
must "machine" scripts/test-machine.sh
must "training" scripts/train.sh
part "style (ruff)" .venv/bin/ruff check .
part "types (mypy)" .venv/bin/mypy
part "rooms (import-linter)" .venv/bin/lint-imports
part "bot" env -C bot .venv/bin/python -m pytest -q tests

printf '\n=== parts so far\n'
printf '%s\n' "${took[@]}"
[ ${#failed[@]} -eq 0 ] || printf 'FAILED: %s\n' "${failed[@]}"
printf '\n=== tests/ (unit, codebase, contracts, attacks, faults, scores, journeys, browser)\n'
.venv/bin/python -m pytest tests "$@"
status=$?
[ ${#failed[@]} -eq 0 ] || exit 1
exit "$status"
