"""Turns a checkpoint into a model folder: python3 export.py CHECKPOINT NAME [--folder FOLDER] [--dtype DTYPE]

CHECKPOINT can be a model folder too, to export its weights anew.
"""
import argparse
import copy
import hashlib
import json
from pathlib import Path

import torch

from decoding import load_module
from model import load_checkpoint
from paged import CONTRACT, PagedModel, working_bytes
from plain import plain_model
from problems import ANSWER, END_THINK, EOS, PAD, THINK, TOKEN_IDS, UNKNOWN
from tokenizer import tokenizer_description

HERE = Path(__file__).parent


def scripted(model, dtype=torch.float64):
    """The TorchScript module of a plain model, in the given precision."""
    model = copy.deepcopy(model).double_precision()
    for weight in model.parameters():
        weight.requires_grad_(False)
    return torch.jit.script(PagedModel(model).to(dtype).eval())


def weights_and_notes(source):
    """(model, notes on its training) of a checkpoint or of a model folder."""
    if not source.is_dir():
        return load_checkpoint(source)
    module, described = load_module(source)
    return plain_model(module, described), {"data_seeds": described["training_data_seeds"], "trained_tokens": described["trained_tokens"]}


def description(name, parameters, shape, dtype, notes, module_bytes):
    return {
        "contract": CONTRACT,
        "name": name,
        "parameters": parameters,
        "layers": shape.layers,
        "kv_heads": shape.heads,
        "head_dim": shape.head_dim,
        "width": shape.width,
        "vocabulary_size": shape.vocabulary_size,
        "max_positions": shape.max_positions,
        "eos_token_ids": [TOKEN_IDS[EOS]],
        "reasoner": {
            "pad_token_id": TOKEN_IDS[PAD],
            "unk_token_id": TOKEN_IDS[UNKNOWN],
            "think_token_id": TOKEN_IDS[THINK],
            "end_think_token_id": TOKEN_IDS[END_THINK],
            "answer_token_id": TOKEN_IDS[ANSWER],
        },
        "dtype": str(dtype).removeprefix("torch."),
        "working_bytes": working_bytes(shape, dtype),
        "sha256": hashlib.sha256(module_bytes).hexdigest(),
        "training_data_seeds": notes["data_seeds"],
        "trained_tokens": notes["trained_tokens"],
    }


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("name")
    parser.add_argument("--folder", type=Path, default=HERE)
    parser.add_argument("--dtype", choices=("float64", "float32"), default="float64")
    arguments = parser.parse_args()
    model, notes = weights_and_notes(arguments.checkpoint)
    write_folder(arguments.folder / arguments.name, model, getattr(torch, arguments.dtype), notes)


def write_folder(folder, model, dtype, notes):
    folder.mkdir(parents=True, exist_ok=True)
    scripted(model, dtype).save(str(folder / "model.pt"))
    write_json(folder / "model.json", description(folder.name, sum(weight.numel() for weight in model.parameters()), model.shape, dtype, notes, (folder / "model.pt").read_bytes()))
    write_json(folder / "tokenizer.json", tokenizer_description())
    print(folder, (folder / "model.pt").stat().st_size, "bytes")


if __name__ == "__main__":
    main()
