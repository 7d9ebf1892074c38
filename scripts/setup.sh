#!/usr/bin/env bash
# Makes both environments from their hashed locks. A step whose lock has not changed is skipped.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly UV_VERSION=0.13.9
readonly UV=.tools/bin/uv
export UV_HTTP_TIMEOUT="${UV_HTTP_TIMEOUT:-300}"
# Files are copied where the cache cannot be linked; that is no news to anybody.
export UV_NO_PROGRESS="${UV_NO_PROGRESS:-$([ -t 2 ] && echo false || echo true)}"

main() {
  [ -x "$UV" ] || install_uv
  root_environment
  bot_environment
}

install_uv() {
  local python
  python=$(command -v python3 || command -v python) || fail "Python 3.9 or newer is needed to begin."
  say "Fetching uv $UV_VERSION into .tools (a few seconds)"
  rm -rf .tools
  # Debian sells venv apart from Python: without it, pip puts uv in a plain folder.
  if "$python" -m venv .tools >/dev/null 2>&1; then
    .tools/bin/python -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION"
  else
    rm -rf .tools
    "$python" -m pip install --quiet --disable-pip-version-check --target .tools "uv==$UV_VERSION" ||
      fail "Python here has neither venv nor pip: install python3-venv, then run make again."
  fi
}

root_environment() {
  local stamp=.venv/.made-from now
  now=$(made_from requirements.lock pyproject.toml)
  if is_stamped "$stamp" "$now"; then return; fi
  say "Environment of the app, Python 3.11 (about 1 minute the first time)"
  [ -x .venv/bin/python ] || "$UV" venv --quiet --python 3.11 .venv
  "$UV" pip sync --compile-bytecode --python .venv --require-hashes requirements.lock
  # The build tool is in the lock too: nothing is fetched here.
  "$UV" pip install --quiet --python .venv --no-deps --no-build-isolation --editable .
  echo "$now" >"$stamp"
}

bot_environment() {
  local stamp=bot/.venv/.made-from now
  now=$(made_from bot/requirements.lock)
  if is_stamped "$stamp" "$now"; then return; fi
  say "Environment of the bot, Python 3.10 with Rasa (about 3 minutes the first time, 1.8 GB)"
  [ -x bot/.venv/bin/python ] || "$UV" venv --quiet --python 3.10 bot/.venv
  "$UV" pip sync --compile-bytecode --python bot/.venv --require-hashes bot/requirements.lock
  echo "$now" >"$stamp"
}

made_from() { git hash-object --no-filters "$@" | tr '\n' ' '; }
is_stamped() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }
say() { printf -- '— %s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

main
