#!/bin/sh
# Trains and exports both models: ./train.sh CHECKPOINT_FOLDER. Needs one core; README.md says for how long.
set -eu
checkpoints=$1
cd "$(dirname "$0")"
export OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1
for stage in trunk reasoner-s refine-1 refine-2 reasoner-l; do
    /usr/bin/python3 train.py "$stage" "$checkpoints"
done
for name in reasoner-s reasoner-l; do
    /usr/bin/python3 export.py "$checkpoints/$name.pt" "$name"
done
/usr/bin/python3 fixtures.py
