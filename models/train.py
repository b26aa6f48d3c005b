"""Runs one stage of `recipe.json`: python3 train.py STAGE CHECKPOINT_FOLDER

A stage is a number of optimiser steps, never a time, so that a run repeats on the same kind of machine with one thread.
"""
import argparse
import json
import random
import time
from pathlib import Path

import torch
from torch.nn import functional as F

from model import LanguageModel, ModelShape, load_checkpoint, save_checkpoint
from problems import TOKEN_IDS, VOCABULARY, ChainStyle, draw_chain, draw_problem, encode, tokenise

RECIPE = json.loads((Path(__file__).parent / "recipe.json").read_text(encoding="utf-8"))
PROBLEMS_PER_POOL = 400
LONGEST_SEQUENCE = 448  # tokens of prompt and chain; longer ones are left out of training
WARM_UP_STEPS = 50
MATRIX_RATE, OTHER_RATE, MUON_MOMENTUM = 0.02, 3e-3, 0.95


def orthogonalised(gradient):
    """Newton-Schulz iteration of Muon: pushes the singular values of a matrix towards 1."""
    x = gradient / (gradient.norm() + 1e-7)
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x
    for _ in range(5):
        gram = x @ x.T
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    return x.T if tall else x


class Muon:
    """Momentum whose update is orthogonalised; for the matrices inside the blocks only."""

    def __init__(self, matrices):
        self.matrices = matrices
        self.momenta = [torch.zeros_like(matrix) for matrix in matrices]

    @torch.no_grad()
    def step(self, rate):
        for matrix, momentum in zip(self.matrices, self.momenta):
            momentum.mul_(MUON_MOMENTUM).add_(matrix.grad)
            update = orthogonalised(matrix.grad.add(momentum, alpha=MUON_MOMENTUM))
            matrix.add_(update, alpha=-rate * max(1, matrix.shape[0] / matrix.shape[1]) ** 0.5)
            matrix.grad = None


def training_sequences(rng, style):
    """Endless (token ids, learn flags, position of the first chain token)."""
    while True:
        problem = draw_problem(rng, "training")
        chain = draw_chain(rng, problem, style)
        prompt = tokenise(problem.prompt)
        if len(prompt) + len(chain.tokens) <= LONGEST_SEQUENCE:
            # <think> is given at generation time, so it is not learned.
            yield encode(prompt + chain.tokens), [False] * (len(prompt) + 1) + chain.learn[1:]


def batches(rng, style, batch_tokens):
    """Endless (ids [B,T], learn [B,T]); sequences of similar length share a batch, so that little is padding."""
    source = training_sequences(rng, style)
    while True:
        pool = sorted((next(source) for _ in range(PROBLEMS_PER_POOL)), key=lambda pair: len(pair[0]))
        groups, group = [], []
        for pair in pool:
            if group and (len(group) + 1) * len(pair[0]) > batch_tokens:
                groups.append(group)
                group = []
            group.append(pair)
        groups.append(group)
        rng.shuffle(groups)
        for group in groups:
            yield padded(group)


def padded(group):
    longest = max(len(ids) for ids, _ in group)
    ids = torch.zeros(len(group), longest, dtype=torch.long)
    learn = torch.zeros(len(group), longest, dtype=torch.bool)
    for row, (row_ids, row_learn) in enumerate(group):
        ids[row, :len(row_ids)] = torch.tensor(row_ids)
        learn[row, :len(row_ids)] = torch.tensor(row_learn)
    return ids, learn


def rate_at(step, stage):
    """Learning rate factor: warm-up, then a straight line from `rate` to `last_rate`."""
    done = step / stage["steps"]
    return min(1.0, (step + 1) / WARM_UP_STEPS) * (stage["rate"] + done * (stage["last_rate"] - stage["rate"]))


def run_stage(name, folder):
    stage = RECIPE[name]
    torch.manual_seed(stage["seed"])
    rng = random.Random(stage["seed"])
    if stage["start"]:
        model, notes = load_checkpoint(folder / f"{stage['start']}.pt")
    else:
        model, notes = LanguageModel(ModelShape(len(VOCABULARY), **RECIPE["shape"])), {"data_seeds": [], "trained_tokens": 0, "minutes": 0.0}
    model.train()
    matrices = [p for n, p in model.named_parameters() if p.dim() == 2 and n.startswith("blocks")]
    others = [p for n, p in model.named_parameters() if not (p.dim() == 2 and n.startswith("blocks"))]
    muon = Muon(matrices)
    adam = torch.optim.AdamW(others, OTHER_RATE, betas=(0.9, 0.98), weight_decay=0.0)
    digits = torch.tensor([TOKEN_IDS[str(d)] for d in range(10)])
    started, trained, loss_mean, digit_mean = time.time(), 0, None, None

    def save(label):
        save_checkpoint(folder / f"{label}.pt", model, stage=name, data_seeds=notes["data_seeds"] + [stage["seed"]],
                        trained_tokens=notes["trained_tokens"] + trained, minutes=notes["minutes"] + (time.time() - started) / 60)

    for step, (ids, learn) in enumerate(batches(rng, ChainStyle(**stage["style"]), stage["batch_tokens"])):
        if step == stage["steps"]:
            break
        factor = rate_at(step, stage)
        learned = learn[:, 1:]
        logits = model.head(model.hidden_states(ids[:, :-1])[learned])
        targets = ids[:, 1:][learned]
        loss = F.cross_entropy(logits, targets)
        loss.backward()
        muon.step(MATRIX_RATE * factor)
        for group in adam.param_groups:
            group["lr"] = OTHER_RATE * factor
        adam.step()
        adam.zero_grad()
        trained += int((ids != 0).sum())
        is_digit = torch.isin(targets, digits)
        digit_accuracy = (logits.argmax(-1) == targets)[is_digit].float().mean().item()
        loss_mean = loss.item() if loss_mean is None else 0.97 * loss_mean + 0.03 * loss.item()
        digit_mean = digit_accuracy if digit_mean is None else 0.97 * digit_mean + 0.03 * digit_accuracy
        if (step + 1) % 100 == 0:
            seconds = time.time() - started
            print(f"{name} step {step + 1} tokens {trained / 1e6:.2f}M {trained / seconds:.0f} tokens/s {seconds:.0f} s "
                  f"loss {loss_mean:.4f} digits {digit_mean:.4f}", flush=True)
        if stage.get("save_every") and (step + 1) % stage["save_every"] == 0:
            save(f"{name}-{step + 1}")
    save(name)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stage", choices=[key for key in RECIPE if key != "shape"])
    parser.add_argument("folder", type=Path, help="where checkpoints are read and written")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    arguments.folder.mkdir(parents=True, exist_ok=True)
    run_stage(arguments.stage, arguments.folder)


if __name__ == "__main__":
    main()
