"""What transformers generates greedily: python hf_reference.py CHECKPOINT FOLDER writes FOLDER/expected.json, for a test of the Java side."""
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from export import write_json
from export_hf import greedy

MESSAGES = ("What is 12 + 7?", "Name three colours.", "Who wrote Hamlet?", "Translate to French: good morning.", "Is 17 a prime number?")
TEXTS = ("The capital of France is", "def fibonacci(n):\n", "Once upon a time", "Water boils at", "数学は")
TOKENS = 16


def main(checkpoint, folder):
    """Token ids are those of the checkpoint's own tokenizer and template, not of the export. Without a template messages are plain texts."""
    model = AutoModelForCausalLM.from_pretrained(checkpoint, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(checkpoint)
    cases = [{"prompt": text, "ids": tokenizer(text).input_ids} for text in TEXTS]
    for text in MESSAGES:
        if not tokenizer.chat_template:
            cases.append({"prompt": text, "ids": tokenizer(text).input_ids})
            continue
        messages = [{"role": "user", "content": text}]
        ids = tokenizer.apply_chat_template(messages, tokenize=True, add_generation_prompt=True, return_dict=True)["input_ids"]
        cases.append({"messages": messages, "ids": ids})
    for case in cases:
        steps = greedy(model, case["ids"], TOKENS, {tokenizer.eos_token_id})
        case["tokens"], case["entropies"] = [token for token, _, _ in steps], [entropy for _, entropy, _ in steps]
    write_json(folder / "expected.json", cases)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
