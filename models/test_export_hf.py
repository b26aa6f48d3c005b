"""Checks of the exporter of Hugging Face checkpoints against transformers: python -m unittest test_export_hf, in what install-hf makes"""
import json
import tempfile
import unittest
from pathlib import Path

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (Gemma3ForCausalLM, Gemma3TextConfig, LlamaConfig, LlamaForCausalLM, MistralConfig, MistralForCausalLM, Qwen2Config,
                          PreTrainedTokenizerFast, Qwen2ForCausalLM, Qwen3Config, Qwen3ForCausalLM)

from export_hf import renderer
from hf_chat import NoChat, described, message, segments
from hf_config import UnsupportedConfig, layout_of
from hf_decoder import PagedDecoder, UnsupportedCheckpoint, Weights, working_bytes
from hf_tokens import SegmentTokenizer
from working_memory import LOOSEST, calls

torch.set_num_threads(1)
SMALL = dict(vocab_size=500, hidden_size=64, intermediate_size=96, num_hidden_layers=4, num_attention_heads=4, num_key_value_heads=2,
             max_position_embeddings=256)
GEMMA = dict(head_dim=16, query_pre_attn_scalar=16, sliding_window=8,
             layer_types=["sliding_attention", "sliding_attention", "sliding_attention", "full_attention"])
LLAMA3 = {"rope_type": "llama3", "rope_theta": 500.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
          "original_max_position_embeddings": 32}
YARN = {"rope_type": "yarn", "rope_theta": 1000.0, "factor": 4.0, "original_max_position_embeddings": 32}
CASES = {
    "Llama": (LlamaConfig, LlamaForCausalLM, {}),
    "Llama with tied heads and heads wider than the model": (LlamaConfig, LlamaForCausalLM, dict(tie_word_embeddings=True, head_dim=32)),
    "Llama with biases": (LlamaConfig, LlamaForCausalLM, dict(attention_bias=True)),
    "Llama 3.1": (LlamaConfig, LlamaForCausalLM, dict(rope_parameters=LLAMA3)),
    "Llama with YaRN": (LlamaConfig, LlamaForCausalLM, dict(rope_parameters=YARN)),
    "Llama with linear positions": (LlamaConfig, LlamaForCausalLM,
                                    dict(rope_parameters={"rope_type": "linear", "rope_theta": 10000.0, "factor": 2.0})),
    "Mistral with a window": (MistralConfig, MistralForCausalLM, dict(sliding_window=8)),
    "Mistral": (MistralConfig, MistralForCausalLM, dict(sliding_window=None)),
    "Qwen2": (Qwen2Config, Qwen2ForCausalLM, {}),
    "Qwen2 with a window in its upper layers": (Qwen2Config, Qwen2ForCausalLM,
                                                dict(use_sliding_window=True, sliding_window=8, max_window_layers=2)),
    "Qwen3": (Qwen3Config, Qwen3ForCausalLM, dict(head_dim=16)),
    "Gemma 3": (Gemma3TextConfig, Gemma3ForCausalLM, GEMMA),
}


def random_model(config_class, model_class, settings):
    """Weights wide enough that every part shows in the logits, norms and biases included."""
    torch.manual_seed(0)
    model = model_class(config_class(**{**SMALL, **settings})).eval()
    model.set_attn_implementation("eager")
    for weight in model.parameters():
        noise = torch.randn_like(weight)
        centre = 0.0 if weight.dim() > 1 or model_class is Gemma3ForCausalLM else 1.0
        weight.data.copy_(noise * 0.3 + centre if weight.dim() == 1 else noise * 1.5 * weight.shape[-1] ** -0.5)
    return model


def exported(folder, dtype=torch.float32):
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    weights = Weights(load_file(str(folder / "model.safetensors")), dtype)
    return torch.jit.script(PagedDecoder(layout_of(config), weights).eval())


class LayoutTest(unittest.TestCase):
    def test_logits_are_those_of_transformers(self):
        for name, (config_class, model_class, settings) in CASES.items():
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                model = random_model(config_class, model_class, settings)
                model.save_pretrained(folder)
                difference = self.largest_difference(model, exported(Path(folder)))
                self.assertLess(difference, 1e-4)

    def largest_difference(self, model, module):
        """Over a prompt of 30 tokens and ten steps; the rows are of one group, then of two with tables of different lengths."""
        config = model.config
        head_dim = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
        pool = torch.full((4, 2, 20, 16, 2, head_dim), 3.0)
        ids = torch.randint(0, 500, (2, 40))
        table = torch.tensor([[1, 7, 3, 9], [5, 6, 2, 8]])
        worst = 0.0
        with torch.no_grad():
            expected = model(ids).logits
            for begin, end in [(0, 30)] + [(at, at + 1) for at in range(30, 40)]:
                pos = torch.arange(begin, end).expand(2, -1)
                slots = torch.gather(table, 1, pos // 16) * 16 + pos % 16
                for tables, groups in ((table[:, :3].reshape(-1), [[2, 3]]), (torch.cat([table[0, :3], table[1, :4]]), [[1, 3], [1, 4]])):
                    logits = module(ids[:, begin:end], pos, slots, tables, torch.tensor(groups), torch.full((2,), end - begin - 1), pool)
                    worst = max(worst, (logits - expected[:, end - 1]).abs().max().item())
        return worst


class WorkingMemoryTest(unittest.TestCase):
    """The bound that model.json states is above what a call allocates, and not far above; for real weights `working_memory.py` says so."""

    def test_bound_of_each_layout(self):
        for name, (config_class, model_class, settings) in CASES.items():
            with tempfile.TemporaryDirectory() as folder:
                random_model(config_class, model_class, settings).save_pretrained(folder)
                layout = layout_of(json.loads((Path(folder) / "config.json").read_text(encoding="utf-8")))
                module = exported(Path(folder))
            described = {"eos_token_ids": [1], "layers": layout.layers, "kv_heads": layout.kv_heads, "head_dim": layout.head_dim,
                         "working_bytes": working_bytes(layout, torch.float32)}
            for rows, tokens, keys, allocated, bound in calls(module, described, torch.float32):
                with self.subTest(name, rows=rows, tokens=tokens, keys=keys, allocated=allocated):
                    self.assertLessEqual(allocated, bound)
                    self.assertLessEqual(bound, LOOSEST * allocated)


class RefusalTest(unittest.TestCase):
    def config(self, **changes):
        return {**LlamaConfig(**SMALL).to_dict(), "architectures": ["LlamaForCausalLM"], **changes}

    def test_another_architecture_is_refused_by_its_name(self):
        with self.assertRaisesRegex(UnsupportedConfig, "the architecture MixtralForCausalLM"):
            layout_of(self.config(architectures=["MixtralForCausalLM"], model_type="mixtral"))

    def test_what_is_not_computed_is_refused(self):
        for changes, message in (({"hidden_act": "relu"}, "the activation relu"), ({"mlp_bias": True}, "mlp_bias"),
                                 ({"quantization_config": {"bits": 4}}, "quantization_config"), ({"partial_rotary_factor": 0.5}, "partial_rotary"),
                                 ({"rope_parameters": {"rope_type": "longrope", "rope_theta": 1.0}}, "of type longrope")):
            with self.subTest(message), self.assertRaisesRegex(UnsupportedConfig, message):
                layout_of(self.config(**changes))

    def test_a_tensor_that_is_missing_or_would_be_left_is_refused(self):
        tensors = LlamaForCausalLM(LlamaConfig(**SMALL)).state_dict()
        with self.assertRaisesRegex(UnsupportedCheckpoint, "1 tensors would not be used, the first of them model.layers.0.extra"):
            PagedDecoder(layout_of(self.config()), Weights({**tensors, "model.layers.0.extra": torch.ones(1)}, torch.float32))
        del tensors["model.norm.weight"]
        with self.assertRaisesRegex(UnsupportedCheckpoint, "no tensor model.norm.weight"):
            PagedDecoder(layout_of(self.config()), Weights(tensors, torch.float32))


CHATML = ("{% for m in messages %}{% if loop.first and m.role != 'system' %}<|im_start|>system\nBe kind.<|im_end|>\n{% endif %}"
          "<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}")
TEMPLATES = {
    "a default system message": CHATML,
    "trimmed, and no default": "<s>{% for m in messages %}<|im_start|>{{ m.role }}: {{ m.content | trim }}<|im_end|>{% endfor %}"
                               "{% if add_generation_prompt %}<|im_start|>assistant: {% endif %}",
    "no system message": "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}{% for m in messages %}"
                         "{% if m.role == 'user' %}[INST] {{ m.content }} [/INST]{% else %} {{ m.content }}</s>{% endif %}{% endfor %}",
    "the system message folded into the first user turn":
        "<s>{% if messages[0].role == 'system' %}{% set first = messages[0].content + '\n\n' %}{% set rest = messages[1:] %}{% else %}"
        "{% set first = '' %}{% set rest = messages %}{% endif %}{% for m in rest %}<|im_start|>{{ 'model' if m.role == 'assistant' else 'user' }}\n"
        "{{ first if loop.first else '' }}{{ m.content | trim }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>model\n{% endif %}",
    "earlier thinking removed, where there is some":
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content.split('</think>')[-1].lstrip('\n') if m.role == 'assistant' and '</think>' in"
        " m.content else m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}",
    "earlier thinking removed, and line breaks in any case": "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content.split('</think>')[-1].lstrip('\n') if m.role == 'assistant'"
                                " else m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}",
}
UNFIT = {
    "numbered messages": ("{% for m in messages %}{{ loop.index }} {{ m.content }}<|im_end|>{% endfor %}", "begins otherwise than a later one"),
    "capitals": ("{% for m in messages %}<s>{{ m.content | upper }}</s>{% endfor %}", "leaves a message out or repeats it"),
    "what depends on the number of messages": (CHATML + "{% if messages | length > 4 %}<s>{% endif %}", "is rendered otherwise"),
    "a failure": ("{{ raise_exception('never') }}", "the template fails: never"),
}


class ChatTest(unittest.TestCase):
    """Templates of real models' kinds over byte-level words; `described` checks each on 50 conversations, text and tokens."""

    @classmethod
    def setUpClass(cls):
        words = Tokenizer(models.BPE(vocab={letter: at for at, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}, merges=[]))
        words.pre_tokenizer, words.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
        words.add_special_tokens(["<s>", "</s>", "<|im_start|>", "<|im_end|>"])
        cls.transformers = PreTrainedTokenizerFast(tokenizer_object=words)
        cls.tokens = SegmentTokenizer(json.loads(words.to_str()))

    def described(self, template):
        self.transformers.chat_template = template
        return described(renderer(self.transformers), self.tokens)

    def test_templates_are_described(self):
        for name, template in TEMPLATES.items():
            with self.subTest(name):
                self.described(template)

    def test_what_a_description_says(self):
        chat = self.described(TEMPLATES["a default system message"])
        self.assertEqual(chat["without_system"], "<|im_start|>system\nBe kind.<|im_end|>\n")
        self.assertEqual(chat["user"], {"prefix": "<|im_start|>user\n", "suffix": "<|im_end|>\n"})
        self.assertEqual(chat["generation_prompt"], "<|im_start|>assistant\n")
        self.assertEqual(self.described(TEMPLATES["trimmed, and no default"])["trimmed"], ["assistant", "system", "user"])
        self.assertIsNone(self.described(TEMPLATES["no system message"])["system"])
        folded = self.described(TEMPLATES["the system message folded into the first user turn"])
        self.assertEqual(folded["system"], {"prefix": "<s><|im_start|>user\n", "suffix": "\n\n", "in_first_user": True})
        self.assertEqual(self.described(TEMPLATES["earlier thinking removed, where there is some"])["removed_from_earlier_answers"], r"(?s)^.*</think>\n*")

    def test_a_template_that_does_not_fit_is_refused_with_a_reason(self):
        for name, (template, reason) in UNFIT.items():
            with self.subTest(name), self.assertRaisesRegex(NoChat, reason):
                self.described(template)

    def test_a_user_cannot_name_special_tokens(self):
        chat = self.described(CHATML)
        ids = self.tokens.ids(segments(chat, [message("user", "<|im_end|>")]))
        self.assertEqual(ids.count(self.tokens.specials["<|im_end|>"]), 2)


if __name__ == "__main__":
    unittest.main()
