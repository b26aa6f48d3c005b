"""Measures the shipped models on problems that training has not seen.

    python3 evaluate.py sample RUNS_FOLDER [MODEL...]     decodes and keeps one file per model, temperature and seed
    python3 evaluate.py report RUNS_FOLDER                prints the tables and writes them into README.md
"""
import argparse
import json
import random
import time
from pathlib import Path

import numpy as np
import torch

from decoding import Decoder, Sampling, Sequence, load_module
from problems import EOS, RESULT, THINK, VOCABULARY, draw_problem, encode, parse_answer, tokenise
from scores import auroc, grouped_auroc, largest_windowed_entropy, running_edis, running_windowed_entropy
from tokenclass import token_classes

HERE = Path(__file__).parent
MODELS = ("reasoner-s", "reasoner-l")
TEMPERATURES = (0.2, 0.6, 0.8, 1.0)
MAIN_TEMPERATURE = 0.8
TEST_SEED, TUNING_SEED = 2001, 2002  # recipe.json uses none of them
PROBLEMS = 500
MOST_NEW_TOKENS = 384
ROWS = 128
WINDOW = 8
PUBLISHED = (WINDOW, 1.36, 1.33)  # thresholds of arXiv 2602.01288; the window is not published
PREFIX_SHARES = (0.25, 0.5, 0.75)  # of the median length
BURST_GRID = (0.3, 0.5, 0.7, 1.0, 1.36)
REBOUND_GRID = (0.3, 0.5, 0.65, 0.8, 1.0, 1.33)
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
README_BEGIN, README_END = "<!-- evaluate.py report: begin -->", "<!-- evaluate.py report: end -->"


# ---------------------------------------------------------------------------------------------------------------- sampling

def sample(folder, name, temperature, seed):
    """Decodes PROBLEMS problems once each and keeps tokens, entropies and what is needed to judge them."""
    rng = random.Random(seed)
    problems = [draw_problem(rng, "evaluation") for _ in range(PROBLEMS)]
    module, description = load_module(HERE / name)
    sequences = [Sequence(encode(tokenise(problem.prompt) + [THINK]), seed * 100000 + index, Sampling(temperature))
                 for index, problem in enumerate(problems)]
    started = time.time()
    Decoder(module, description, rows=ROWS).run(sequences, MOST_NEW_TOKENS)
    with open(run_path(folder, name, temperature, seed), "w", encoding="utf-8") as out:
        for problem, sequence in zip(problems, sequences):
            tokens = [VOCABULARY[token] for token in sequence.generated]
            finished = tokens[-1] == EOS
            out.write(json.dumps({
                "level": problem.level, "steps": len(problem.steps), "prompt_tokens": len(sequence.prompt), "finished": finished,
                "right": finished and parse_answer(tokens) == problem.answer, "tokens": sequence.generated,
                "entropies": [round(row[0], 6) for row in sequence.statistics],
            }) + "\n")
    generated = sum(len(sequence.generated) for sequence in sequences)
    print(f"{name} T={temperature} seed {seed}: {generated} tokens in {time.time() - started:.0f} s", flush=True)


def run_path(folder, name, temperature, seed):
    return folder / f"{name}-{temperature}-{seed}.jsonl"


def sample_all(folder, names):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        for temperature, seed in [(MAIN_TEMPERATURE, TUNING_SEED)] + [(t, TEST_SEED) for t in TEMPERATURES]:
            if not run_path(folder, name, temperature, seed).exists():
                sample(folder, name, temperature, seed)


# ----------------------------------------------------------------------------------------------------------------- reading

class Run:
    """The answers of one model at one temperature."""

    def __init__(self, rows):
        self.rows = rows
        self.wrong = np.array([not row["right"] for row in self.rows])
        self.entropies = [np.array(row["entropies"]) for row in self.rows]
        self.lengths = np.array([len(entropies) for entropies in self.entropies])
        self.prompt_lengths = np.array([row["prompt_tokens"] for row in self.rows])
        self.result_masks = [np.array([c == RESULT for c in token_classes([VOCABULARY[t] for t in row["tokens"]])]) for row in self.rows]

    def prefix(self, length):
        """The first `length` tokens of the answers that are at least that long."""
        return Run([{**row, "tokens": row["tokens"][:length], "entropies": row["entropies"][:length]}
                    for row in self.rows if len(row["tokens"]) >= length])

    def doubts(self):
        return np.array([sum(VOCABULARY[token] in ("wait", "hmm", "hold") for token in row["tokens"]) for row in self.rows])

    def per_sequence(self, score):
        return np.array([score(entropies) for entropies in self.entropies])

    def final_edis(self, settings):
        return self.per_sequence(lambda entropies: running_edis(entropies, *settings)[-1])

    def highest_edis(self, settings):
        return self.per_sequence(lambda entropies: running_edis(entropies, *settings).max())

    def result_digit_entropy(self):
        return np.array([h[mask].mean() if mask.any() else 0.0 for h, mask in zip(self.entropies, self.result_masks)])

    def accuracy_where(self, key, value):
        chosen = np.array([row[key] == value for row in self.rows])
        return (~self.wrong[chosen]).mean() if chosen.any() else float("nan")


def load_runs(folder, seed, temperatures):
    def load(name, temperature):
        with open(run_path(folder, name, temperature, seed), encoding="utf-8") as lines:
            return Run([json.loads(line) for line in lines])
    return {(name, temperature): load(name, temperature) for name in MODELS for temperature in temperatures}


def tuned_settings(tuning_runs):
    """The thresholds with the best mean AUROC over both models on the tuning seed, the window as it is."""
    def quality(settings):
        return np.mean([auroc(run.final_edis(settings), run.wrong) for run in tuning_runs.values()])
    return max(((WINDOW, burst, rebound) for burst in BURST_GRID for rebound in REBOUND_GRID), key=quality)


# ------------------------------------------------------------------------------------------------------------------ tables

def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def accuracy_table(runs):
    rows = []
    for (name, temperature), run in runs.items():
        entropies = np.concatenate(run.entropies)
        share = 1 - run.wrong.mean()
        error = (share * (1 - share) / len(run.rows)) ** 0.5
        rows.append([name, f"{temperature}", f"{len(run.rows)}", f"{100 * share:.1f} ± {100 * error:.1f}",
                     f"{100 * np.mean([row['finished'] for row in run.rows]):.1f}", f"{entropies.mean():.3f}", f"{run.lengths.mean():.0f}",
                     f"{np.median(run.lengths):.0f}"])
    return table(["model", "temperature", "problems", "right, % (standard error)", "finished, %", "mean entropy, nats",
                  "tokens, mean", "tokens, median"], rows)


def accuracy_by_difficulty(runs):
    names = [f"{name}" for name in MODELS]
    rows = []
    for key, values in (("steps", range(2, 9)), ("level", ("easy", "medium", "hard", "early-hard"))):
        for value in values:
            rows.append([f"{key} {value}"] + [f"{100 * runs[name, MAIN_TEMPERATURE].accuracy_where(key, value):.0f}" for name in MODELS])
    return table(["problems"] + [f"{name}, right %" for name in names], rows)


def verdict_table(runs):
    """What the self-checks of a chain are worth: right answers by the verdicts it holds."""
    rows = []
    for name in MODELS:
        run = runs[name, MAIN_TEMPERATURE]
        words = [{VOCABULARY[token] for token in row["tokens"]} for row in run.rows]
        kinds = np.array(["differs" if "differs" in w else "same" if "same" in w else "none" for w in words])
        rows.append([name] + [f"{100 * (kinds == kind).mean():.0f} / {100 * (~run.wrong[kinds == kind]).mean():.0f}"
                              for kind in ("none", "same", "differs")])
    return table(["model", "no check", "all checks say same", "a check says differs"], rows)


def signals(tuned):
    """Score per sequence, high = suspicious, by name; each takes a Run."""
    return {
        "EDIS, published thresholds": lambda run: run.final_edis(PUBLISHED),
        "EDIS, tuned thresholds": lambda run: run.final_edis(tuned),
        "mean entropy": lambda run: run.per_sequence(np.mean),
        f"largest windowed entropy, n = {WINDOW}": lambda run: run.per_sequence(lambda h: largest_windowed_entropy(h, WINDOW)),
        "mean entropy of result digits": lambda run: run.result_digit_entropy(),
        "number of doubts (wait, hmm, hold on)": lambda run: run.doubts(),
        "control: prompt length alone": lambda run: run.prompt_lengths,
        "control: length of the generation": lambda run: run.lengths,
    }


def auroc_table(runs, tuned):
    header = ["score"] + [f"{name[-1]} T={t}" for name, t in runs]
    return table(header, [[label] + [f"{auroc(signal(run), run.wrong):.3f}" for run in runs.values()]
                          for label, signal in signals(tuned).items()])


def controlled_auroc_table(runs, tuned):
    """The same where length cannot help: on prefixes of equal length, and among problems of equal steps and level."""
    columns = {}
    for name in MODELS:
        run = runs[name, MAIN_TEMPERATURE]
        for share in PREFIX_SHARES:
            columns[f"{name[-1]}, first {100 * share:.0f} %"] = (run.prefix(int(share * np.median(run.lengths))), None)
        columns[f"{name[-1]}, equal difficulty"] = (run, [(row["steps"], row["level"]) for row in run.rows])
    rows = []
    for label, signal in signals(tuned).items():
        rows.append([label] + [f"{auroc(signal(run), run.wrong):.3f}" if groups is None else f"{grouped_auroc(signal(run), run.wrong, groups):.3f}"
                               for run, groups in columns.values()])
    return table(["score"] + list(columns), rows)


def quantile_table(runs, tuned):
    rows = []
    for name in MODELS:
        run = runs[name, MAIN_TEMPERATURE]
        measures = {
            "final EDIS, published": run.final_edis(PUBLISHED), "highest running EDIS, published": run.highest_edis(PUBLISHED),
            "final EDIS, tuned": run.final_edis(tuned), "highest running EDIS, tuned": run.highest_edis(tuned),
            f"largest windowed entropy, n = {WINDOW}": run.per_sequence(lambda h: largest_windowed_entropy(h, WINDOW)),
        }
        for label, values in measures.items():
            for kind, chosen in (("right", ~run.wrong), ("wrong", run.wrong)):
                rows.append([name, label, kind] + [f"{x:.2f}" for x in np.quantile(values[chosen], QUANTILES)])
        for kind, chosen in (("right", ~run.wrong), ("wrong", run.wrong)):
            tokens = np.concatenate([h for h, c in zip(run.entropies, chosen) if c])
            rows.append([name, "entropy of a token", kind] + [f"{x:.3f}" for x in np.quantile(tokens, QUANTILES)])
    return table(["model", "measure", "answers"] + [f"{q:g}" for q in QUANTILES], rows)


def abort_row(name, label, limit, run, running_scores):
    """What aborting at the first token where the score passes the limit would have done."""
    first = np.array([np.argmax(s > limit) + 1 if (s > limit).any() else 0 for s in running_scores])
    aborted = first > 0
    saved = np.where(aborted, run.lengths - first, 0)[run.wrong].sum() / run.lengths.sum()
    saved_all = np.where(aborted, run.lengths - first, 0).sum() / run.lengths.sum()
    return [name, label, f"{limit:g}", f"{100 * aborted[~run.wrong].mean():.1f}", f"{100 * aborted[run.wrong].mean():.1f}",
            f"{100 * saved_all:.1f}", f"{100 * saved:.1f}"]


def limit_for(share, run, scorer):
    """The limit, rounded up to one or two figures, that aborts at most this share of the right answers of `run`."""
    highest = np.array([scorer(h).max() for h, wrong in zip(run.entropies, run.wrong) if not wrong])
    value = np.quantile(highest, 1 - share, method="higher")
    return float(np.ceil(value * 20) / 20) if value < 2 else float(np.ceil(value * 2) / 2)


def abort_table(tuning_runs, runs, tuned):
    scorers = {
        "running EDIS, published": lambda h: running_edis(h, *PUBLISHED),
        "running EDIS, tuned": lambda h: running_edis(h, *tuned),
        f"windowed entropy, n = {WINDOW}": lambda h: running_windowed_entropy(h, WINDOW),
    }
    rows = []
    for name in MODELS:
        run = runs[name, MAIN_TEMPERATURE]
        for label, scorer in scorers.items():
            running = [scorer(h) for h in run.entropies]
            for share in (0.05, 0.10, 0.20):
                rows.append(abort_row(name, label, limit_for(share, tuning_runs[name, MAIN_TEMPERATURE], scorer), run, running))
    return table(["model", "score", "abort above", "right answers aborted, %", "wrong answers aborted, %", "tokens saved, %",
                  "of these in wrong answers, %"], rows)


def branch_table(runs):
    rows = []
    for name in MODELS:
        run = runs[name, MAIN_TEMPERATURE]
        entropies, results = np.concatenate(run.entropies), np.concatenate(run.result_masks)
        for limit in (0.7, 0.8, 0.9, 1.0, 1.2):
            over = entropies > limit
            per_sequence = np.array([(h > limit).sum() for h in run.entropies])
            rows.append([name, f"{limit:g}", f"{100 * over.mean():.2f}", f"{per_sequence[~run.wrong].mean():.2f}",
                         f"{per_sequence[run.wrong].mean():.2f}", f"{100 * results[over].mean():.0f}"])
    return table(["model", "branch above, nats", "tokens over it, %", "per right answer", "per wrong answer",
                  "of them result digits, %"], rows)


def report(folder):
    tuning_runs = load_runs(folder, TUNING_SEED, [MAIN_TEMPERATURE])
    runs = load_runs(folder, TEST_SEED, TEMPERATURES)
    tuned = tuned_settings(tuning_runs)
    at_main = f"T = {MAIN_TEMPERATURE}, {PROBLEMS} problems per model"
    sections = [
        f"### Accuracy\n\nSeed {TEST_SEED}:\n\n{accuracy_table(runs)}\nSeed {TUNING_SEED}, used to choose thresholds and limits:\n\n"
        f"{accuracy_table(tuning_runs)}",
        f"### Accuracy by difficulty, {at_main}\n\n{accuracy_by_difficulty(runs)}",
        f"### Self-checks, {at_main}\n\nShare of answers, % / right among them, %.\n\n{verdict_table(runs)}",
        f"### AUROC for wrong answers, whole sequences\n\nPublished thresholds: w = {PUBLISHED[0]} (not published), burst {PUBLISHED[1]}, "
        f"rebound {PUBLISHED[2]}. Tuned: w = {tuned[0]}, burst {tuned[1]:g}, rebound {tuned[2]:g}, chosen for both models together on "
        f"seed {TUNING_SEED} at T = {MAIN_TEMPERATURE}; everything shown is measured on seed {TEST_SEED}.\n\n{auroc_table(runs, tuned)}",
        f"### AUROC where length cannot help, {at_main}\n\nOn the first part of every sequence that is at least so long (shares of the "
        f"median length), and among problems with equal steps and level.\n\n{controlled_auroc_table(runs, tuned)}",
        f"### Quantiles, {at_main}\n\n{quantile_table(runs, tuned)}",
        f"### Aborting on a running score, {at_main}\n\nLimits chosen on seed {TUNING_SEED} to abort at most 5, 10 and 20 % of right "
        f"answers, measured on seed {TEST_SEED}.\n\n{abort_table(tuning_runs, runs, tuned)}",
        f"### Branching on the entropy of a token, {at_main}\n\n{branch_table(runs)}",
    ]
    text = "\n".join(sections)
    print(text)
    readme = HERE / "README.md"
    if readme.exists() and README_BEGIN in readme.read_text(encoding="utf-8"):
        before, rest = readme.read_text(encoding="utf-8").split(README_BEGIN)
        readme.write_text(f"{before}{README_BEGIN}\n\n{text}\n{README_END}{rest.split(README_END)[1]}", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=("sample", "report"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("models", nargs="*", help="default: both")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    if arguments.action == "sample":
        sample_all(arguments.folder, arguments.models or MODELS)
    else:
        report(arguments.folder)


if __name__ == "__main__":
    main()
