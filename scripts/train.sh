#!/usr/bin/env bash
# Compiles nlu_data/ and trains the bot from it; both do nothing when nothing has changed.
set -euo pipefail
cd "$(dirname "$0")/.."

echo "— Training data (3 seconds)"
.venv/bin/python -m passerelle.conversation.training_data
echo "— Bot (2 minutes when the training data changed)"
bot/.venv/bin/python bot/train.py --data var/bot/data --out var/bot/models
