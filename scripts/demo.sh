#!/usr/bin/env bash
# Evaluates the model that comes with this repository, offline, and prints its table. Arguments go to run.py.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
python=$("$root/scripts/setup.sh" demo)
cd "$root/opencompass"
exec "$python" run.py configs/eval_tigerbot_nano.py -w ../outputs/demo "$@"
