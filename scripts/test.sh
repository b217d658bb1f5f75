#!/usr/bin/env bash
# Checks the code with ruff and runs the tests, fast ones first; the closing lines tell what was skipped and why.
# Arguments go to pytest.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
python=$("$root/scripts/setup.sh" test)
cd "$root"

missing_debian_packages() {
    local package
    for package in $(sed 's/#.*//' scripts/debian-packages.txt); do
        dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || echo "$package"
    done
}

# Tests of real components need them; where they cannot be installed pytest skips those tests and says so.
packages=$(missing_debian_packages | xargs)
if [ -n "$packages" ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing Debian packages for the tests of real components: $packages"
        export DEBIAN_FRONTEND=noninteractive
        # shellcheck disable=SC2086  # one word a package
        { apt-get update -qq && apt-get install -y -qq --no-install-recommends $packages; } </dev/null >/dev/null ||
            echo "Could not install them: the tests that need them are skipped."
    else
        echo "Not installed (root and apt-get are needed): $packages. The tests that need them are skipped."
    fi
fi

# Nothing that a test loads comes from a network; without this a wrong name would be looked up for minutes.
export HF_HUB_OFFLINE=1 HF_DATASETS_OFFLINE=1
"$python" -m ruff check .
# Models are tiny: more threads would only wait for each other. A process for each core is worth more.
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
"$python" -m pytest -rs --numprocesses=logical --maxprocesses=8 --dist=loadgroup "$@"
