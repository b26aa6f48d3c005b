"""Turns a Hugging Face checkpoint into a model folder: python export_hf.py FOLDER OUT [--name NAME] [--dtype DTYPE] [--max-positions N]

FOLDER has `config.json`, `*.safetensors` and `tokenizer.json`. `install-hf` makes the Python that this needs."""
import argparse
import hashlib
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from export import write_json
from hf_chat import NoChat, described, message, segments
from hf_config import UnsupportedConfig, layout_of
from hf_decoder import PagedDecoder, UnsupportedCheckpoint, Weights, working_bytes
from hf_tokens import SegmentTokenizer
from paged import CONTRACT

CHECK_TEXTS = ("The capital of France is", "  def add(a, b):\n\treturn a + b\n\n", "Zürich, naïve, 数学, 🙂👩‍👩‍👧 and 3.14159", "One, two, three,")
CHECK_CHATS = ([message("user", "What is 12 + 7?")],
               [message("user", "Name a colour."), message("assistant", "Blue."), message("user", "And another one? 🙂")])
CHECK_TOKENS = 8
# Two programs that add in another order may well choose differently between tokens whose logits lie closer than this.
CLEAR_MARGIN = 1e-2


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--name", help="of the model; by default that of OUT")
    parser.add_argument("--dtype", choices=("float64", "float32"), default="float32")
    parser.add_argument("--max-positions", type=int, help="longest sequence, if it is to be less than the checkpoint's")
    arguments = parser.parse_args()
    try:
        export(arguments.checkpoint, arguments.out, arguments.name or arguments.out.name, getattr(torch, arguments.dtype), arguments.max_positions)
    except (UnsupportedConfig, UnsupportedCheckpoint, FileNotFoundError) as refusal:
        sys.exit(f"export_hf: {arguments.checkpoint} cannot be exported: {refusal}")


def export(checkpoint, out, name, dtype=torch.float32, max_positions=None, say=print):
    config = read_json(checkpoint / "config.json")
    layout = layout_of(config)
    tokenizer_json = tokenizer_of(checkpoint, layout.vocabulary_size)
    tokens = SegmentTokenizer(tokenizer_json)
    weights = Weights(read_tensors(checkpoint), dtype)
    module = torch.jit.script(PagedDecoder(layout, weights).eval())
    out.mkdir(parents=True, exist_ok=True)
    module.save(str(out / "model.pt"))
    hf_tokenizer = AutoTokenizer.from_pretrained(checkpoint)
    chat = chat_of(hf_tokenizer, tokens, say)
    description = {
        "contract": CONTRACT,
        "name": name,
        "parameters": sum(weights.tensors[used].numel() for used in weights.used if not (layout.tied and used == "lm_head.weight")),
        "layers": layout.layers,
        "kv_heads": layout.kv_heads,
        "head_dim": layout.head_dim,
        "width": layout.width,
        "vocabulary_size": layout.vocabulary_size,
        "max_positions": min(max_positions or layout.max_positions, layout.max_positions),
        "eos_token_ids": end_ids(checkpoint, config, hf_tokenizer),
        "begin_token_ids": tokens.begin_ids(),
        "dtype": str(dtype).removeprefix("torch."),
        "working_bytes": working_bytes(layout, dtype),
        "sha256": hashlib.sha256((out / "model.pt").read_bytes()).hexdigest(),
        **thinking_of(tokenizer_json),
        **({"chat": chat} if chat else {}),
        "checks": checks(checkpoint, tokens, chat, hf_tokenizer),
    }
    write_json(out / "model.json", description)
    write_json(out / "tokenizer.json", tokenizer_json)
    say(f"{out}: {description['parameters']:,} parameters, {'with' if chat else 'without'} chat")


def read_json(path):
    return json.loads(path.read_text(encoding="utf-8"))


def read_tensors(checkpoint):
    files = sorted(checkpoint.glob("*.safetensors"))
    if not files:
        raise FileNotFoundError(f"{checkpoint} has no *.safetensors")
    tensors = {}
    for file in files:
        tensors |= load_file(str(file))
    return tensors


def tokenizer_of(checkpoint, vocabulary_size):
    """tokenizer.json without added tokens that have no logit, as those for pictures."""
    description = read_json(checkpoint / "tokenizer.json")
    return {**description, "added_tokens": [token for token in description["added_tokens"] if token["id"] < vocabulary_size],
            "truncation": None, "padding": None}


def end_ids(checkpoint, config, hf_tokenizer):
    """Of the generation config or else of the config, and of the tokenizer: what ends a turn often is only there."""
    generation = checkpoint / "generation_config.json"
    said = (read_json(generation) if generation.exists() else {}).get("eos_token_id") or config.get("eos_token_id")
    ends = set(said if isinstance(said, list) else [said]) | {hf_tokenizer.eos_token_id}
    return sorted(end for end in ends if end is not None)


def thinking_of(tokenizer_json):
    ids = {token["content"]: token["id"] for token in tokenizer_json["added_tokens"]}
    if "<think>" not in ids or "</think>" not in ids:
        return {}
    return {"thinking": {"begin_token_id": ids["<think>"], "end_token_id": ids["</think>"]}}


def chat_of(hf_tokenizer, tokens, say):
    if not hf_tokenizer.chat_template:
        say("exported without chat: the checkpoint has no chat template")
        return None
    try:
        chat = described(renderer(hf_tokenizer), tokens)
    except NoChat as reason:
        say(f"exported without chat: {reason}")
        return None
    if "strftime_now" in str(hf_tokenizer.chat_template):
        say("the chat template names the day: it stays that of this export")
    return chat


def renderer(hf_tokenizer):
    return lambda messages, generation: hf_tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=generation)


def checks(checkpoint, tokens, chat, hf_tokenizer):
    """Prompts with the ids that transformers makes of them, and what it generates."""
    model = AutoModelForCausalLM.from_pretrained(checkpoint, dtype=torch.float32).eval()
    ends = set(end_ids(checkpoint, read_json(checkpoint / "config.json"), hf_tokenizer))
    found = [{"prompt": text, "ids": hf_tokenizer(text).input_ids} for text in CHECK_TEXTS]
    if chat:
        render = renderer(hf_tokenizer)
        found += [{"messages": chat_messages, "ids": tokens.ids_of_text(render(chat_messages, True))} for chat_messages in CHECK_CHATS]
    for check in found:
        check["greedy"] = [token for token, _, _ in greedy(model, check["ids"], CHECK_TOKENS, ends)]
    return found


def greedy(model, ids, most, ends):
    """(token, entropy in nats, distance of the two best logits) until two lie within the margin or one ends; at most so many."""
    steps, past, new = [], None, torch.tensor([ids])
    with torch.no_grad():
        while len(steps) < most and not (steps and steps[-1][0] in ends):
            result = model(new, past_key_values=past, use_cache=True)
            past, logits = result.past_key_values, result.logits[0, -1].double()
            best = logits.topk(2)
            margin = (best.values[0] - best.values[1]).item()
            if margin < CLEAR_MARGIN:
                break
            log_p = torch.log_softmax(logits, -1)
            steps.append((best.indices[0].item(), -(log_p.exp() * log_p).sum().item(), margin))
            new = best.indices[:1].view(1, 1)
    return steps


if __name__ == "__main__":
    main()
