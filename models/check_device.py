"""What the modules do on a device, and what entropy and statistics cost there: python3 check_device.py --device cuda

Prints, for each shipped model, how far its logits are from the fixtures, and whether sequences decoded alone and in company are
equal; then the time of what follows the logits of a step, for a vocabulary and a batch of real size.
"""
import argparse
import json
import random
import statistics
import time
from pathlib import Path

import torch

from choose import scripted_choose
from decoding import Decoder, Sampling, Sequence, control
from problems import THINK, draw_problem, encode, tokenise

HERE = Path(__file__).parent
MODELS = ("reasoner-s", "reasoner-l")
COMPANY_SEQUENCES = 64
COMPANY_TOKENS = 80
SEED = 31


def load(name, device):
    module = torch.jit.load(str(HERE / name / "model.pt"), map_location=device)
    return module, json.loads((HERE / name / "model.json").read_text(encoding="utf-8"))


class LogitsOf:
    """Calls the module and keeps the logits of the same inputs."""

    def __init__(self, module):
        self.module, self.logits = module, None

    def __call__(self, *inputs):
        self.logits = self.module(*inputs)
        return self.logits


def largest_difference(name, device):
    """Between logits on the device and the fixtures, which the plain forward pass gave on a CPU in float64."""
    module, description = load(name, device)
    worst = 0.0
    for case in json.loads((HERE / "fixtures" / f"logits-{name}.json").read_text(encoding="utf-8"))["cases"]:
        recording = LogitsOf(module)
        decoder = Decoder(recording, description, rows=1, device=device)
        sequence = Sequence(case["prompt_token_ids"], seed=0, sampling=Sampling(0.0))
        for step in case["steps"]:
            decoder.step([sequence])
            difference = recording.logits[0].double().cpu() - torch.tensor(step["logits"], dtype=torch.float64)
            worst = max(worst, float(difference.abs().max()))
    return worst


def equal_in_company(name, device):
    """(sequences with equal tokens, sequences with equal tokens and bit-equal statistics) of COMPANY_SEQUENCES."""
    module, description = load(name, device)
    rng = random.Random(SEED)
    prompts = [encode(tokenise(draw_problem(rng, "evaluation").prompt) + [THINK]) for _ in range(COMPANY_SEQUENCES)]

    def decoded(rows):
        sequences = [Sequence(prompt, seed=index, sampling=Sampling(0.8)) for index, prompt in enumerate(prompts)]
        return Decoder(module, description, rows=rows, device=device).run(sequences, COMPANY_TOKENS)

    pairs = list(zip(decoded(1), decoded(32)))
    same_tokens = [one.generated == other.generated for one, other in pairs]
    same_all = [same and one.statistics == other.statistics for same, (one, other) in zip(same_tokens, pairs)]
    return sum(same_tokens), sum(same_all)


def bare_sampling(logits, temperature, u):
    """What a decoder without statistics or filters does: one softmax, one draw."""
    p = torch.softmax(logits / temperature.unsqueeze(-1), -1)
    return (p.cumsum(-1) <= u.unsqueeze(-1)).sum(-1).clamp(max=logits.shape[-1] - 1)


def entropy_alone(logits, temperature, u):
    log_p = torch.log_softmax(logits, -1)
    return bare_sampling(logits, temperature, u), -(log_p.exp() * log_p).sum(-1)


def milliseconds(work, device, repeats):
    """Median time of each piece of work, in turns, so that whatever slows the machine slows all."""
    def wait():
        if device.startswith("cuda"):
            torch.cuda.synchronize()

    times = {name: [] for name in work}
    for repeat in range(repeats + 3):
        for name, call in work.items():
            wait()
            started = time.perf_counter()
            call()
            wait()
            if repeat >= 3:
                times[name].append(1000 * (time.perf_counter() - started))
    return {name: statistics.median(values) for name, values in times.items()}


def cost_behind_the_logits(device, vocabulary, rows, repeats):
    generator = torch.Generator(device=device).manual_seed(SEED)
    logits = 3 * torch.randn(rows, vocabulary, generator=generator, device=device)
    u = torch.rand(rows, generator=generator, device=device)
    ones = torch.ones_like(u)
    columns = control([Sampling(0.8, 50, 0.95)] * rows, u.tolist(), [-1] * rows, torch.float32).to(device)
    scripted, none, twenty = scripted_choose(), torch.tensor(0), torch.tensor(20)
    with torch.no_grad():
        return milliseconds({
            "one log_softmax": lambda: torch.log_softmax(logits, -1),
            "reading the logits once": lambda: logits.amax(-1),
            "softmax and one draw": lambda: bare_sampling(logits, ones, u),
            "the same and entropy": lambda: entropy_alone(logits, ones, u),
            "the module: all filters, statistics": lambda: scripted(logits, columns, none),
            "the module: all filters, statistics, 20 best": lambda: scripted(logits, columns, twenty),
        }, device, repeats)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda", help="cpu or cuda")
    parser.add_argument("--vocabulary", type=int, default=152_064)
    parser.add_argument("--rows", type=int, default=256)
    parser.add_argument("--repeats", type=int, default=20)
    arguments = parser.parse_args()
    if arguments.device.startswith("cuda") and not torch.cuda.is_available():
        parser.error("--device cuda: torch sees no GPU here")
    print(f"torch {torch.__version__} on {torch.cuda.get_device_name() if arguments.device.startswith('cuda') else arguments.device}")
    for name in MODELS:
        tokens, everything = equal_in_company(name, arguments.device)
        print(f"{name}: logits within {largest_difference(name, arguments.device):.1e} of the fixtures; alone and in batches of 32, "
              f"{tokens} of {COMPANY_SEQUENCES} sequences have equal tokens, {everything} bit-equal statistics too")
    costs = cost_behind_the_logits(arguments.device, arguments.vocabulary, arguments.rows, arguments.repeats)
    least = min(costs.values())
    print(f"behind the logits, vocabulary {arguments.vocabulary}, {arguments.rows} rows, float32, medians of {arguments.repeats}:")
    for name, cost in costs.items():
        print(f"  {name}: {cost:.2f} ms, {cost / least:.2f} times the least")


if __name__ == "__main__":
    main()
