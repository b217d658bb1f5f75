#!/usr/bin/env bash
# Makes the environments of the peers that the benchmarks compare with: peers.sh [FOLDER [NAME ...]] (default: .peers
# beside this script, and all of lm_eval, opencompass and trl), then bench_scoring.py --peers FOLDER. Takes some minutes
# and 6 GB; needs the package index.
#   PYTHON      the Python that makes them (default: python3)
#   TORCH_SPEC  the torch in all of them (default: torch==2.13.0)
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=${1:-$here/.peers}
wanted=" ${*:2} "
torch=${TORCH_SPEC:-torch==2.13.0}
mkdir -p "$folder"

install() {
    local name=$1
    shift
    [[ $wanted == "  " || $wanted == *" $name "* ]] || return 0
    [ -x "$folder/$name/bin/python" ] || "${PYTHON:-python3}" -m venv "$folder/$name"
    "$folder/$name/bin/python" -m pip install -q "$torch" "$@"
}

install lm_eval 'lm-eval[hf]==0.4.13'
install opencompass 'opencompass==0.5.4' 'transformers<5'
# The same releases beside it as this package has: the two are to differ in the training alone.
install trl 'trl==1.16.0' -c "$here/../constraints.txt"
echo "The peers are in $folder."
