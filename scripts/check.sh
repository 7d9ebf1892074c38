#!/usr/bin/env bash
# Style, types and the order of the rooms: every check runs, the exit status is that of the worst.
set -uo pipefail
cd "$(dirname "$0")/.."

status=0
.venv/bin/ruff check . || status=1
.venv/bin/mypy || status=1
.venv/bin/lint-imports || status=1
exit "$status"
