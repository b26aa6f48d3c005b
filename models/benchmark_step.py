"""CPU time of one decode step in float64 and in float32, on one thread: python3 benchmark_step.py MODEL_FOLDER

The two are timed in turn, so that a busy machine, which slows memory too, slows both; what counts is the ratio of the medians.
"""
import argparse
import statistics
import time
from pathlib import Path

import torch

from decoding import Decoder, Sequence, load_module
from export import scripted
from plain import plain_model

ROWS = 32
CONTEXT_TOKENS = 160
STEPS = 200


def decoder_at_context(module, description, dtype):
    """A decoder and 32 sequences that have CONTEXT_TOKENS tokens each."""
    decoder = Decoder(module, description, rows=ROWS, dtype=dtype)
    sequences = [Sequence([5 + (row + place) % 100 for place in range(CONTEXT_TOKENS)], seed=row) for row in range(ROWS)]
    decoder.step(sequences)
    return decoder, sequences


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    torch.set_num_threads(1)
    module, description = load_module(parser.parse_args().folder)
    model = plain_model(module, description)
    cases = {dtype: decoder_at_context(scripted(model, dtype), description, dtype) for dtype in (torch.float64, torch.float32)}
    seconds = {dtype: [] for dtype in cases}
    for _ in range(STEPS):
        for dtype, (decoder, sequences) in cases.items():
            started = time.process_time()
            decoder.step(sequences)
            seconds[dtype].append(time.process_time() - started)
    medians = {dtype: statistics.median(times[20:]) for dtype, times in seconds.items()}
    for dtype, median in medians.items():
        print(f"{dtype}: median {1000 * median:.2f} ms per step of {ROWS} rows at {CONTEXT_TOKENS} to {CONTEXT_TOKENS + STEPS} tokens")
    print(f"float64 / float32, ratio of medians: {medians[torch.float64] / medians[torch.float32]:.2f}")


if __name__ == "__main__":
    main()
