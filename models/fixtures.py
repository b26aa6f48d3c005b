"""Writes the files that the Java tests compare with: python3 fixtures.py

Logits come from the plain forward pass, statistics from formulas, token classes from the generator: none of them from
the exported module or from the rule that they are there to check.
"""
import json
import random
from pathlib import Path

import torch

from choose import STATS_COLUMNS
from decoding import load_module
from export import write_folder
from model import LanguageModel, ModelShape
from plain import descending, expected_statistics, last_logits, plain_model
from problems import THINK, VOCABULARY, draw_chain, draw_problem, encode, tokenise

HERE = Path(__file__).parent
MODELS = ("reasoner-s", "reasoner-l")
TINY = "tiny-float32"
FIXTURE_SEED = 20
GREEDY_STEPS = 8


def tiny_model():
    """An untrained model in single precision, as larger models are shipped."""
    torch.manual_seed(FIXTURE_SEED)
    shape = ModelShape(len(VOCABULARY), width=8, layers=2, heads=2, max_positions=512)
    write_folder(HERE / "fixtures" / TINY, LanguageModel(shape).eval(), torch.float32, {"data_seeds": [], "trained_tokens": 0})


def logits_fixture(folder):
    module, description = load_module(folder)
    model = plain_model(module, description)
    rng = random.Random(FIXTURE_SEED)
    cases = []
    for _ in range(4):
        text = f"{draw_problem(rng, 'evaluation').prompt} {THINK}"
        ids, positions = encode(tokenise(text)), []
        prompt_ids = list(ids)
        for _ in range(GREEDY_STEPS):
            logits = last_logits(model, ids)
            best = descending(logits)[0]
            positions.append({"logits": [round(float(x), 7) for x in logits], "greedy_token_id": best,
                              "statistics": [round(x, 9) for x in expected_statistics(logits, best)]})
            ids.append(best)
        cases.append({"prompt": text, "prompt_token_ids": prompt_ids, "steps": positions})
    return {
        "about": "steps[i]: logits of the last position behind the prompt and i greedy tokens, and the statistics if the most "
                 "probable token is chosen; columns as in statistics_columns, nats",
        "statistics_columns": list(STATS_COLUMNS),
        "cases": cases,
    }


def tokenizer_fixture():
    rng = random.Random(FIXTURE_SEED + 1)
    texts = [draw_problem(rng, "evaluation").prompt for _ in range(3)]
    texts += ["Tom has 14 marbles. In January he buys 13 more.", "units 7+8=15, tens 1 - 0 -1 borrow", "  ANA   gives 205 shells?\n",
              f"5*3=15 {THINK}", "Zebra has 3 marbles; quickly", "answer 42<eos>", ""]
    return [{"text": text, "ids": encode(tokenise(text))} for text in texts]


def token_class_fixture():
    rng = random.Random(FIXTURE_SEED + 2)
    chains = []
    for _ in range(6):
        chain = draw_chain(rng, draw_problem(rng, "evaluation"))
        chains.append({"tokens": chain.tokens, "ids": encode(chain.tokens), "classes": chain.classes})
    return chains


def write(name, value):
    folder = HERE / "fixtures"
    folder.mkdir(exist_ok=True)
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace('{"text"', '\n{"text"').replace('{"tokens"', '\n{"tokens"')
    (folder / name).write_text(text.replace('{"prompt"', '\n{"prompt"').replace('{"logits"', '\n{"logits"') + "\n", encoding="utf-8")
    print(name, (folder / name).stat().st_size, "bytes")


def main():
    tiny_model()
    for name in MODELS:
        write(f"logits-{name}.json", logits_fixture(HERE / name))
    write(f"logits-{TINY}.json", logits_fixture(HERE / "fixtures" / TINY))
    write("tokenizer.json", tokenizer_fixture())
    write("token-classes.json", token_class_fixture())


if __name__ == "__main__":
    main()
