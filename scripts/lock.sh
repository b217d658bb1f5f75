#!/usr/bin/env bash
# Writes constraints.txt anew: the newest versions that fit together, for each supported Python. Needs uv (pip install uv).
set -euo pipefail
cd "$(dirname "$0")/.."

resolved=$(echo 'torch==2.13.0' | uv pip compile --quiet --universal --python-version 3.10 --upgrade \
    --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
    requirements.txt tests/requirements.txt opencompass/requirements/{runtime,test}.txt -)
{
    echo '# What the set-up scripts install, exactly. Made by scripts/lock.sh.'
    # The CUDA packages follow from the torch build that was chosen.
    grep -vE '^(cuda-|nvidia-|triton|setuptools)' <<<"$resolved"
} >constraints.txt
