#!/usr/bin/env bash
# Runs every linter, then fails if any of them complained.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
python=$("$root/scripts/setup.sh" test)
cd "$root"

complaints=''
check() {
    local name=$1
    shift
    echo "== $name"
    "$python" "$@" || complaints="$complaints, $name"
}

check 'ruff check' -m ruff check .
check 'ruff format' -m ruff format --check .
check codespell -m codespell_lib
check mypy -m mypy
check lint-imports -c 'from importlinter.cli import lint_imports_command as run; run()'

[ -z "$complaints" ] || { echo "Complaints from ${complaints#, }."; exit 1; }
echo 'All linters pass.'
