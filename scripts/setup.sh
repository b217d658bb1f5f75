#!/usr/bin/env bash
# Makes the Python environment of the other scripts and prints the path of its Python. Argument: demo (default) or test.
#   VENV        where it lies (default: .venv in this repository)
#   PYTHON      the Python that makes it (default: the first of python3, python3.12, 3.11, 3.10 that fits)
#   TORCH_SPEC  the torch to install (default: torch==2.13.0); empty: the one that VENV already has
# An environment made here whose set-up was interrupted is made anew; one of your own is only added to.
set -euo pipefail

kind=${1:-demo}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv=${VENV:-$root/.venv}
[[ $venv == /* ]] || venv=$PWD/$venv
torch=${TORCH_SPEC-torch==2.13.0}
python=$venv/bin/python
cd "$root"

say() { echo "setup: $*" >&2; }
fail() { say "$*"; exit 1; }

is_supported() { "$1" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 12))' >/dev/null 2>&1; }

supported_python() {
    local candidate version found=''
    local candidates=(python3 python3.12 python3.11 python3.10)
    [ -z "${PYTHON:-}" ] || candidates=("$PYTHON")
    for candidate in "${candidates[@]}"; do
        if is_supported "$candidate"; then
            echo "$candidate"
            return
        fi
        version=$("$candidate" -V 2>/dev/null) && found="$found, $candidate is $version"
    done
    found=${found#, }
    fail "Python 3.10, 3.11 or 3.12 is needed; found: ${found:-none (${candidates[*]})}." \
        'Install one, or name it: PYTHON=/path/to/python3.12'
}

is_usable() {
    is_supported "$python" && "$python" -m pip --version >/dev/null 2>&1 || return 1
    [ ! -e "$venv/.made-by-setup" ] || compgen -G "$venv/.ready-*" >/dev/null || return 1
    [ -z "${PYTHON:-}" ] || [ ! -e "$venv/.made-by-setup" ] || [ "$("$python" -V)" = "$("$PYTHON" -V)" ]
}

make_venv() {
    local maker
    maker=$(supported_python)
    if [ -e "$venv" ] && [ ! -e "$venv/.made-by-setup" ]; then
        fail "$venv has no working pip with Python 3.10 to 3.12, and is not of our making: remove it, or set VENV"
    fi
    say "making $venv with $("$maker" -V)"
    rm -rf "$venv"
    mkdir -p "$venv"
    touch "$venv/.made-by-setup"
    "$maker" -m venv "$venv" >&2 || fail "$maker -m venv failed (Debian and Ubuntu: apt install python3-venv)"
}

digest() {
    { echo "$root $torch"; "$python" -V
      cat constraints.txt requirements.txt tests/*requirements.txt opencompass/setup.py opencompass/requirements/*.txt
      cat scripts/setup.sh; } | cksum
}

pip_install() {
    say "installing ${*: -1} (the first time takes minutes)"
    "$python" -m pip install -qq --disable-pip-version-check -c "$venv/.setup-constraints.txt" "$@" >&2 ||
        fail "could not install ${*: -1}: pip's own message is above; run the same command again to go on"
}

install() {
    local extra='' version
    [ "$kind" = demo ] || extra="[$kind]"
    rm -f "$venv"/.ready-*
    grep -v '^torch==' constraints.txt >"$venv/.setup-constraints.txt"
    # First, and by itself: as somebody's dependency it would be the newest release with all of CUDA.
    [ -z "$torch" ] || pip_install "$torch"
    version=$("$python" -c 'import importlib.metadata as m; print(m.version("torch"))' 2>/dev/null) ||
        fail "$venv has no torch, and TORCH_SPEC is empty: set it, for example to torch==2.13.0"
    echo "torch==$version" >>"$venv/.setup-constraints.txt"
    pip_install -e "./opencompass$extra"
    [ "$kind" = test ] || return 0
    pip_install -r tests/requirements.txt -r requirements.txt
    say 'installing tests/optional-requirements.txt'
    "$python" -m pip install -qq --disable-pip-version-check --no-deps --upgrade --target "$venv/optional" \
        -r tests/optional-requirements.txt >&2 || say 'could not install them: the tests that need them are skipped'
}

case $kind in demo | test) ;; *) fail "expected demo or test, not '$kind'" ;; esac
# Two set-ups of one checkout at a time would write over each other.
if command -v flock >/dev/null; then exec 9>"$root/.setup.lock"; flock 9; fi
is_usable || make_venv
if [ "$(cat "$venv/.ready-$kind" 2>/dev/null)" != "$(digest)" ]; then
    install
    digest >"$venv/.ready-demo"
    [ "$kind" = demo ] || cp "$venv/.ready-demo" "$venv/.ready-$kind"
fi
echo "$python"
