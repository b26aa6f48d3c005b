"""Drives an exported module from Python: continuous batching over a paged pool. For evaluation and tests; the product decodes in Java."""
import json
import random
from dataclasses import dataclass, field

import torch

from choose import CONTROL_COLUMNS, scripted_choose

BLOCK_TOKENS = 16
ROWS_PER_CALL = 32
ROWS_PER_GROUP = 8


@dataclass(frozen=True)
class Sampling:
    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0
    repetition_penalty: float = 1.0
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0


@dataclass(eq=False)
class Sequence:
    """A prompt and what came of it; `statistics[i]` are the six columns at generated token i."""
    prompt: list
    seed: int
    sampling: Sampling = Sampling()
    forced_ranks: list = field(default_factory=list)
    generated: list = field(default_factory=list)
    statistics: list = field(default_factory=list)
    blocks: list = field(default_factory=list)
    computed: int = 0  # tokens whose keys and values are in the pool

    def __post_init__(self):
        # One stream of random numbers per sequence, so that it does not depend on its batch mates.
        self.random = random.Random(self.seed)

    def tokens(self):
        return self.prompt + self.generated


def grouped(blocks):
    """(rows and blocks per row of each group, all tables behind one another) of neighbours, each padded to its group's longest."""
    groups, tables = [], []
    for first in range(0, len(blocks), ROWS_PER_GROUP):
        rows = blocks[first:first + ROWS_PER_GROUP]
        widest = max(map(len, rows))
        groups.append([len(rows), widest])
        for row in rows:
            tables += row + [0] * (widest - len(row))
    return groups, tables


def control(sampling, uniforms, ranks, dtype, tokens=None):
    """The control columns [B,C] of rows."""
    rows = [{**vars(s), "uniform": u, "rank": rank, "token": -1 if tokens is None else tokens[row]}
            for row, (s, u, rank) in enumerate(zip(sampling, uniforms, ranks))]
    return torch.tensor([[float(row[column]) for column in CONTROL_COLUMNS] for row in rows], dtype=dtype)


def load_module(folder):
    """Returns (module, description) of a model folder."""
    description = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    return torch.jit.load(str(folder / "model.pt")), description


class Decoder:
    def __init__(self, module, description, rows=32, dtype=torch.float64, device="cpu"):
        self.choose = scripted_choose()
        self.module, self.eos, self.rows, self.dtype, self.device = module, description["eos_token_ids"], rows, dtype, device
        blocks = 1 + rows * -(-description["max_positions"] // BLOCK_TOKENS)
        self.pool = torch.zeros(description["layers"], 2, blocks, BLOCK_TOKENS, description["kv_heads"], description["head_dim"], dtype=dtype, device=device)
        self.free = list(range(1, blocks))  # block 0 takes the writes of padding

    def inputs(self, sequences):
        """The inputs of one call of the model's module, in order; takes blocks for the tokens that are new. Prefill and decode rows may be mixed."""
        inputs = [sequence.tokens()[sequence.computed:] for sequence in sequences]
        for sequence in sequences:
            while len(sequence.blocks) * BLOCK_TOKENS < len(sequence.tokens()):
                sequence.blocks.append(self.free.pop())
        longest = max(map(len, inputs))
        pad = [0] * longest
        positions = [range(s.computed, s.computed + len(new)) for s, new in zip(sequences, inputs)]
        slots = [[s.blocks[p // BLOCK_TOKENS] * BLOCK_TOKENS + p % BLOCK_TOKENS for p in row] for s, row in zip(sequences, positions)]

        def whole(values):
            return torch.tensor(values, device=self.device)

        def integers(rows, width):
            return whole([(list(row) + pad + [0] * width)[:width] for row in rows])

        groups, tables = grouped([s.blocks for s in sequences])
        return (integers(inputs, longest), integers(positions, longest), integers(slots, longest),
                whole(tables), torch.tensor(groups), whole([len(new) - 1 for new in inputs]), self.pool)

    def control(self, sequences):
        """What each row wants of the choice [B,C]."""
        return control([s.sampling for s in sequences], [s.random.random() for s in sequences],
                       [s.forced_ranks[len(s.generated)] if len(s.generated) < len(s.forced_ranks) else -1 for s in sequences],
                       self.dtype).to(self.device)

    def step(self, sequences):
        """One call of both modules for `sequences`: each gets one token."""
        with torch.no_grad():
            next_tokens, statistics, _, _ = self.choose(self.module(*self.inputs(sequences)), self.control(sequences), torch.tensor(0))
        for sequence, token, row in zip(sequences, next_tokens.tolist(), statistics.tolist()):
            sequence.computed = len(sequence.tokens())
            sequence.generated.append(token)
            sequence.statistics.append(row)

    def run(self, sequences, most_new_tokens):
        """Decodes all sequences to their end or to `most_new_tokens`, `rows` at a time, in place."""
        waiting, live = list(reversed(sequences)), []
        while waiting or live:
            arriving = [waiting.pop() for _ in range(min(len(waiting), self.rows - len(live)))]
            if arriving:
                self.step(arriving)  # a call of its own: in one call every decoding row would be padded to the prompts' length
                live += arriving
            going_on = [s for s in live if s.generated[-1] not in self.eos and len(s.generated) < most_new_tokens]
            for sequence in live:
                if sequence not in going_on:
                    self.free += sequence.blocks
                    sequence.blocks = []
            live = going_on
            if live and not (waiting and len(live) < self.rows):
                # Rows of similar length share a group: each reads as many keys as the longest of its group has.
                live.sort(key=lambda sequence: len(sequence.blocks))
                for first in range(0, len(live), ROWS_PER_CALL):
                    self.step(live[first:first + ROWS_PER_CALL])
        return sequences
