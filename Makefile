# Every habit of the house is one of these words. `make` alone says what each one does.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup train catalogue run test unit check journeys faults scores bench million lock clean

PYTHON := .venv/bin/python
UV := .tools/bin/uv
# The same flags for both locks: hashes in, index addresses out, so that they install from any index.
COMPILE := pip compile --generate-hashes --no-emit-index-url --no-emit-find-links --quiet

help: ## Say what each target does.
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 18

setup: ## Make both environments from their locks (5 minutes the first time, a second afterwards).
	@scripts/setup.sh

train: setup ## Train the bot when what it learns from has changed (2 minutes, else 5 seconds).
	@scripts/train.sh

catalogue: setup ## Build the catalogue from the repository's data and put it in force.
	@.venv/bin/passerelle catalogue build

run: train ## Set everything up and serve on http://localhost:8000 with demonstration data.
	@echo "— Starting; the address appears when the bot answers (about 20 seconds). Ctrl-C stops."
	@exec .venv/bin/passerelle serve

test: ## Set everything up and run every check and every test; prints how long each part took.
	@scripts/test.sh

unit: setup ## Run the tests that need neither the bot, nor Chromium, nor PostgreSQL (under a minute).
	@$(PYTHON) -m pytest tests/unit tests/codebase -m "not bot and not browser and not postgresql" -q

check: setup ## Check style, types and the order of the rooms (ruff, mypy, import-linter).
	@scripts/check.sh

journeys: train ## Replay the conversations written in YAML through the real doors with the real bot.
	@$(PYTHON) -m pytest tests/journeys

faults: setup ## Kill, delay and duplicate: what was accepted must be answered once.
	@$(PYTHON) -m pytest tests/faults

bench: train ## Measure the figures of DESIGN §9 on this machine (about 3 minutes); gates nothing.
	@PYTHONPATH=tests/support $(PYTHON) tests/bench/bench.py

million: setup ## Measure matching among 1 000 000 services beside SQLite R*Tree (10 minutes, 5 GB of disk); gates nothing.
	@PYTHONPATH=tests/support $(PYTHON) tests/bench/bench_catalogue.py 1000000

scores: train ## Measure what is understood of unseen messages, in every language, into docs/scores.md (3 minutes).
	@PYTHONPATH=tests/support $(PYTHON) tests/support/scores.py

lock: setup ## Write both locks anew from pyproject.toml and bot/pyproject.toml.
	@$(UV) $(COMPILE) pyproject.toml --extra test --python-version 3.11 --upgrade -o requirements.lock
	@cd bot && ../$(UV) $(COMPILE) pyproject.toml --override overrides.txt --python-version 3.10 --upgrade -o requirements.lock

clean: ## Remove environments and caches; var/ (models, databases) is kept.
	@rm -rf .tools .venv bot/.venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
