#!/usr/bin/env bash
# Makes the environments of the peers that the benchmarks compare with: peers.sh [FOLDER] (default: .peers beside this
# script), then bench_scoring.py --peers FOLDER. Takes some minutes and 4 GB; needs the package index.
#   PYTHON      the Python that makes them (default: python3)
#   TORCH_SPEC  the torch in all of them (default: torch==2.13.0)
set -euo pipefail

folder=${1:-$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/.peers}
torch=${TORCH_SPEC:-torch==2.13.0}
mkdir -p "$folder"

install() {
    local name=$1
    shift
    [ -x "$folder/$name/bin/python" ] || "${PYTHON:-python3}" -m venv "$folder/$name"
    "$folder/$name/bin/python" -m pip install -q "$torch" "$@"
}

install lm_eval 'lm-eval[hf]==0.4.13'
install opencompass 'opencompass==0.5.4' 'transformers<5'
echo "The peers are in $folder."
