#!/bin/sh
# Trains and exports both models: ./train.sh CHECKPOINT_FOLDER. Needs one core; README.md says for how long.
set -eu
mkdir -p "$1"
checkpoints=$(cd "$1" && pwd) # absolute: the stages run in this folder
python=${PYTHON:-python3} # one that finds torch 1.13: on Debian /usr/bin/python3
cd "$(dirname "$0")"
export OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1
for stage in trunk reasoner-s refine-1 refine-2 reasoner-l; do
    "$python" train.py "$stage" "$checkpoints"
done
for name in reasoner-s reasoner-l; do
    "$python" export.py "$checkpoints/$name.pt" "$name"
done
"$python" fixtures.py
