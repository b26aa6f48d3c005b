"""Holds `working_bytes` of model folders against what calls allocate: python working_memory.py FOLDER...

Fails if a call allocates more than the bound, or less than a quarter of it."""
import sys
from pathlib import Path

import torch

from decoding import BLOCK_TOKENS, Decoder, Sampling, Sequence, load_module

LOOSEST = 4
# The most that a choice needs, since the bound does not know how is chosen: the whole vocabulary is sorted.
SAMPLING = Sampling(top_k=2000, top_p=0.99, min_p=0.001)
# Rows, tokens of a prompt, tokens of it that a call reads; behind the prompt comes a step of one token per row.
SHAPES = ((1, 16, 16), (1, 1024, 1024), (1, 512, 128), (4, 256, 256), (32, 16, 16))


def most_allocated(call):
    """Most bytes that were allocated at a time during a call, beyond what was there."""
    with torch.no_grad(), torch.profiler.profile(profile_memory=True, activities=[torch.profiler.ProfilerActivity.CPU]) as profile:
        call()
    events = [event for event in profile.profiler.kineto_results.events() if event.name() == "[memory]"]
    now = most = 0
    # Versions of PyTorch have the one or the other.
    for event in sorted(events, key=lambda event: event.start_us() if hasattr(event, "start_us") else event.start_ns()):
        now += event.nbytes()
        most = max(most, now)
    return most


def bound_of(coefficients, rows, tokens, groups):
    """What `working_bytes` says of a call; README.md has the formula."""
    keys = BLOCK_TOKENS * max(blocks for _, blocks in groups)
    largest = max(rows for rows, _ in groups)
    return (rows * (coefficients["row"] + tokens * coefficients["token"]) + rows * tokens * keys * coefficients["mask"]
            + largest * keys * (coefficients["key"] + tokens * coefficients["score"]))


def calls(module, description, dtype, shapes=SHAPES):
    """(rows, tokens, keys of a row, bytes allocated, bound) of calls of both modules."""
    for rows, prompt, part in shapes:
        decoder = Decoder(module, {**description, "max_positions": prompt + 1}, rows=rows, dtype=dtype)
        sequences = [Sequence([5 + (row + place) % 100 for place in range(prompt)], row, SAMPLING) for row in range(rows)]
        whole = [sequence.prompt for sequence in sequences]
        for end in [*range(part, prompt + 1, part), prompt + 1]:
            for sequence, prompt_tokens in zip(sequences, whole):
                sequence.prompt = (prompt_tokens + [5])[:end]
            inputs, columns = decoder.inputs(sequences), decoder.control(sequences)
            groups = inputs[4].tolist()
            allocated = most_allocated(lambda: decoder.choose(module(*inputs), columns, torch.tensor(20)))
            tokens = inputs[0].shape[1]
            yield rows, tokens, BLOCK_TOKENS * groups[0][1], allocated, bound_of(description["working_bytes"], rows, tokens, groups)
            for sequence in sequences:
                sequence.computed = end


def main(folders):
    wrong = 0
    for folder in folders:
        module, description = load_module(folder)
        for rows, tokens, keys, allocated, bound in calls(module, description, getattr(torch, description["dtype"])):
            fits = allocated <= bound <= LOOSEST * allocated
            wrong += not fits
            print(f"{description['name']}: {rows} rows of {tokens} new tokens and {keys} keys allocate {allocated / 2 ** 20:.1f} MiB,"
                  f" bound {bound / allocated:.2f} times that{'' if fits else ': WRONG'}")
    if wrong:
        sys.exit(f"{wrong} bounds are below what is allocated, or more than {LOOSEST} times that")


if __name__ == "__main__":
    main([Path(folder) for folder in sys.argv[1:]])
