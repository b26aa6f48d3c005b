"""What a Hugging Face `config.json` says of a decoder, or why `hf_decoder.py` cannot compute it."""
import math
from dataclasses import dataclass
from typing import List, Tuple

import torch

ARCHITECTURES = {
    "LlamaForCausalLM": "llama",
    "MistralForCausalLM": "mistral",
    "Qwen2ForCausalLM": "qwen2",
    "Qwen3ForCausalLM": "qwen3",
    "Gemma3ForCausalLM": "gemma3_text",
}
LLAMA_NORMS = ("post_attention_layernorm.weight", "", "")
GEMMA_NORMS = ("pre_feedforward_layernorm.weight", "post_attention_layernorm.weight", "post_feedforward_layernorm.weight")


class UnsupportedConfig(Exception):
    """Says what of a config is not computed."""


@dataclass(frozen=True)
class Rotary:
    """frequencies [D/2], float64, and what cosine and sine are multiplied by."""
    frequencies: torch.Tensor
    scale: float


@dataclass(frozen=True)
class Layout:
    vocabulary_size: int
    width: int
    hidden: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    max_positions: int
    tied: bool
    epsilon: float
    norm_offset: float
    norm_names: Tuple[str, str, str]  # before the feed-forward part, behind attention, behind the feed-forward part
    head_norms: bool
    gelu: bool
    query_scale: float
    embedding_scale: float
    window: int
    is_local: List[bool]
    rotary: Rotary
    local_rotary: Rotary


def layout_of(config):
    architecture = (config.get("architectures") or ["unknown"])[0]
    kind = ARCHITECTURES.get(architecture)
    if kind is None or config.get("model_type") != kind:
        raise UnsupportedConfig(f"the architecture {architecture} (model type {config.get('model_type')}) is not supported;"
                                f" supported are {', '.join(sorted(ARCHITECTURES))}")
    gemma = kind == "gemma3_text"
    refuse_what_is_not_computed(config, "gelu_pytorch_tanh" if gemma else "silu")
    heads = config["num_attention_heads"]
    head_dim = config.get("head_dim") or config["hidden_size"] // heads
    is_local = local_layers(config, kind)
    rotary, local_rotary = rotaries(config, head_dim, gemma)
    return Layout(
        vocabulary_size=config["vocab_size"],
        width=config["hidden_size"],
        hidden=config["intermediate_size"],
        layers=config["num_hidden_layers"],
        heads=heads,
        kv_heads=config.get("num_key_value_heads") or heads,
        head_dim=head_dim,
        max_positions=config["max_position_embeddings"],
        tied=config.get("tie_word_embeddings", gemma),
        epsilon=config["rms_norm_eps"],
        norm_offset=1.0 if gemma else 0.0,
        norm_names=GEMMA_NORMS if gemma else LLAMA_NORMS,
        head_norms=kind in ("qwen3", "gemma3_text"),
        gelu=gemma,
        query_scale=float(config.get("query_pre_attn_scalar", 256) if gemma else head_dim) ** -0.5,
        embedding_scale=config["hidden_size"] ** 0.5 if gemma else 1.0,
        window=config.get("sliding_window") or 0 if any(is_local) else 0,
        is_local=is_local,
        rotary=rotary,
        local_rotary=local_rotary)


def refuse_what_is_not_computed(config, activation):
    said = config.get("hidden_activation") or config.get("hidden_act") or activation
    if said != activation:
        raise UnsupportedConfig(f"the activation {said} is not supported, only {activation}")
    for name in ("attn_logit_softcapping", "final_logit_softcapping", "quantization_config", "mlp_bias", "use_bidirectional_attention"):
        if config.get(name):
            raise UnsupportedConfig(f"{name} is not supported")
    partial = {config.get("partial_rotary_factor") or 1.0, (config.get("rope_parameters") or {}).get("partial_rotary_factor") or 1.0}
    if partial != {1.0}:
        raise UnsupportedConfig("partial_rotary_factor is not supported")


def local_layers(config, kind):
    """Whether each layer sees only the last `sliding_window` tokens."""
    layers = range(config["num_hidden_layers"])
    if not config.get("sliding_window"):
        return [False for _ in layers]
    if config.get("layer_types"):
        unknown = set(config["layer_types"]) - {"sliding_attention", "full_attention"}
        if unknown:
            raise UnsupportedConfig(f"layers of type {', '.join(sorted(unknown))} are not supported")
        return [layer == "sliding_attention" for layer in config["layer_types"]]
    if kind == "gemma3_text":
        return [(layer + 1) % config.get("sliding_window_pattern", 6) != 0 for layer in layers]
    if kind in ("qwen2", "qwen3"):
        return [bool(config.get("use_sliding_window")) and layer >= config.get("max_window_layers", 0) for layer in layers]
    return [kind == "mistral" for _ in layers]


def rotaries(config, head_dim, gemma):
    """(positions of layers that see everything, of layers with a window)."""
    parameters = config.get("rope_parameters") or {}
    if "full_attention" in parameters:
        return rotary(parameters["full_attention"], head_dim, config), rotary(parameters["sliding_attention"], head_dim, config)
    theta = parameters.get("rope_theta") or config.get("rope_theta") or (1_000_000.0 if gemma else 10_000.0)
    scaled = {**(config.get("rope_scaling") or {}), **parameters, "rope_theta": theta}
    if not gemma:
        return rotary(scaled, head_dim, config), rotary(scaled, head_dim, config)
    return rotary(scaled, head_dim, config), rotary({"rope_theta": config.get("rope_local_base_freq", 10_000.0)}, head_dim, config)


def rotary(parameters, head_dim, config):
    kind = parameters.get("rope_type") or parameters.get("type") or "default"
    plain = 1.0 / parameters["rope_theta"] ** (torch.arange(0, head_dim, 2, dtype=torch.float64) / head_dim)
    if kind == "default":
        return Rotary(plain, 1.0)
    if kind == "linear":
        return Rotary(plain / parameters["factor"], 1.0)
    if kind == "llama3":
        return Rotary(llama3(plain, parameters), 1.0)
    if kind == "yarn":
        return yarn(plain, parameters, head_dim, config)
    raise UnsupportedConfig(f"rotary positions of type {kind} are not supported; supported are default, linear, llama3 and yarn")


def llama3(plain, parameters):
    """Frequencies that turn less than `low_freq_factor` times in the trained length are slowed by `factor`, those that turn more than
    `high_freq_factor` times stay, and between both it is interpolated."""
    turns = parameters["original_max_position_embeddings"] * plain / (2 * math.pi)
    low, high = parameters["low_freq_factor"], parameters["high_freq_factor"]
    kept = ((turns - low) / (high - low)).clamp(0.0, 1.0)
    return plain * (kept + (1.0 - kept) / parameters["factor"])


def yarn(plain, parameters, head_dim, config):
    """arXiv 2309.00071: the same idea with a ramp over dimensions instead of turns, and attention that is sharpened."""
    trained = parameters.get("original_max_position_embeddings") or config["max_position_embeddings"]
    factor = parameters["factor"]

    def dimension(turns):
        return head_dim * math.log(trained / (turns * 2 * math.pi)) / (2 * math.log(parameters["rope_theta"]))

    low, high = dimension(parameters.get("beta_fast") or 32), dimension(parameters.get("beta_slow") or 1)
    if parameters.get("truncate", True):
        low, high = math.floor(low), math.ceil(high)
    low, high = max(low, 0), min(high, head_dim - 1)
    slowed = ((torch.arange(head_dim // 2, dtype=torch.float64) - low) / (max(high - low, 0) or 0.001)).clamp(0.0, 1.0)
    return Rotary(plain * (1.0 - slowed + slowed / factor), yarn_scale(parameters, factor))


def yarn_scale(parameters, factor):
    def sharpened(by):
        return 1.0 if factor <= 1 else 0.1 * by * math.log(factor) + 1.0

    if parameters.get("attention_factor") is not None:
        return float(parameters["attention_factor"])
    if parameters.get("mscale") and parameters.get("mscale_all_dim"):
        return sharpened(parameters["mscale"]) / sharpened(parameters["mscale_all_dim"])
    return sharpened(1.0)
