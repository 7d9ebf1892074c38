#!/usr/bin/env bash
# What the tests need of the machine itself: Chromium and PostgreSQL, from the distribution, only when absent.
set -euo pipefail

main() {
  local missing=()
  has_chromium || missing+=(chromium)
  has_postgresql || missing+=(postgresql)
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || fail "The tests need ${missing[*]}; please install them."
  echo "— Installing ${missing[*]} with apt-get (about 1 minute)"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null
}

has_chromium() { command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; }
has_postgresql() { command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; return; fi
  command -v sudo >/dev/null || fail "Installing needs root, and there is no sudo here."
  sudo "$@"
}

fail() { printf '%s\n' "$*" >&2; exit 1; }

main
