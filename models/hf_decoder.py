"""The module that ships with a Hugging Face checkpoint: its decoder over a paged K/V pool, up to the logits, like `paged.py`.

Names of dimensions: B rows, T new tokens per row, V vocabulary, L layers, NB blocks in the pool, BLK tokens per block, KV heads of keys
and values, Q query heads for each of them, D head size; G groups, each of r rows with nb blocks, K = nb * BLK keys per row.
"""
import math
from typing import List

import torch
from torch import nn
from torch.nn import functional as F

from hf_config import Layout
from model import rotate
from paged import storable


class UnsupportedCheckpoint(Exception):
    """Says what of a checkpoint this decoder does not compute."""


class Weights:
    """The tensors of a checkpoint by name, each of which has to be used."""

    def __init__(self, tensors, dtype):
        self.tensors, self.dtype, self.used = tensors, dtype, set()

    def take(self, name, offset=0.0):
        if name not in self.tensors:
            raise UnsupportedCheckpoint(f"the checkpoint has no tensor {name}")
        self.used.add(name)
        tensor = self.tensors[name].to(self.dtype)
        return constant(tensor + offset if offset else tensor)

    def take_if_there(self, name):
        """The tensor, or one without elements."""
        return self.take(name) if name in self.tensors else self.nothing()

    def nothing(self):
        return constant(torch.zeros(0, dtype=self.dtype))

    def joined(self, names):
        """Tensors below one another; none of them, or all, may be missing."""
        parts = [self.take_if_there(name) for name in names]
        if len({part.dim() == 1 and part.shape[0] == 0 for part in parts}) > 1:
            raise UnsupportedCheckpoint(f"the checkpoint has some of {', '.join(names)}, but not all")
        return constant(torch.cat([part.data for part in parts]))

    def require_all_used(self):
        left = sorted(name for name in set(self.tensors) - self.used if not name.endswith("rotary_emb.inv_freq"))
        if left:
            raise UnsupportedCheckpoint(f"{len(left)} tensors would not be used, the first of them {left[0]}")


def constant(tensor):
    return nn.Parameter(tensor.contiguous(), requires_grad=False)


def rms_norm(x: torch.Tensor, weight: torch.Tensor, epsilon: float) -> torch.Tensor:
    return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + epsilon) * weight


def norm_if_any(x: torch.Tensor, weight: torch.Tensor, epsilon: float) -> torch.Tensor:
    return rms_norm(x, weight, epsilon) if weight.shape[0] > 0 else x


def linear(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    return F.linear(x, weight, bias) if bias.shape[0] > 0 else F.linear(x, weight)


def attend(query: torch.Tensor, mask: torch.Tensor, keys_pool: torch.Tensor, values_pool: torch.Tensor, blocks: torch.Tensor) -> torch.Tensor:
    """query [r,T,KV*Q,D], already scaled; mask [r,1,T,K] -> [r,T,KV*Q*D]. The query heads of a key head are rows of one product."""
    batch, length, heads, head_dim, kv_heads = query.shape[0], query.shape[1], query.shape[2], query.shape[3], keys_pool.shape[2]
    shared = heads // kv_heads
    keys = keys_pool.index_select(0, blocks).view(batch, -1, kv_heads, head_dim).permute(0, 2, 3, 1)
    values = values_pool.index_select(0, blocks).view(batch, -1, kv_heads, head_dim).transpose(1, 2)
    queries = query.view(batch, length, kv_heads, shared, head_dim).permute(0, 2, 3, 1, 4).reshape(batch, kv_heads, shared * length, head_dim)
    scores = torch.matmul(queries, keys).view(batch, kv_heads, shared, length, -1) + mask.unsqueeze(1)
    mixed = torch.matmul(torch.softmax(scores, -1).view(batch, kv_heads, shared * length, -1), values)
    return mixed.view(batch, kv_heads, shared, length, head_dim).permute(0, 3, 1, 2, 4).reshape(batch, length, heads * head_dim)


class DecoderLayer(nn.Module):
    """Norms and biases that a layout does not have are tensors without elements."""

    def __init__(self, layout: Layout, weights: Weights, index: int):
        super().__init__()
        here = f"model.layers.{index}."
        self.attention_norm = weights.take(here + "input_layernorm.weight", layout.norm_offset)
        before, after_attention, after_feed_forward = layout.norm_names
        self.feed_forward_norm = weights.take(here + before, layout.norm_offset)
        self.after_attention = weights.take(here + after_attention, layout.norm_offset) if after_attention else weights.nothing()
        self.after_feed_forward = weights.take(here + after_feed_forward, layout.norm_offset) if after_feed_forward else weights.nothing()
        attention = here + "self_attn."
        self.query_key_value = weights.joined([attention + part + "_proj.weight" for part in "qkv"])
        self.query_key_value_bias = weights.joined([attention + part + "_proj.bias" for part in "qkv"])
        self.attention_out = weights.take(attention + "o_proj.weight")
        self.attention_out_bias = weights.take_if_there(attention + "o_proj.bias")
        self.query_norm = weights.take(attention + "q_norm.weight", layout.norm_offset) if layout.head_norms else weights.nothing()
        self.key_norm = weights.take(attention + "k_norm.weight", layout.norm_offset) if layout.head_norms else weights.nothing()
        self.gate_up = weights.joined([here + "mlp.gate_proj.weight", here + "mlp.up_proj.weight"])
        self.down = weights.take(here + "mlp.down_proj.weight")
        self.epsilon: float = layout.epsilon
        self.heads: int = layout.heads
        self.scale: float = layout.query_scale
        self.gelu: bool = layout.gelu

    def forward(self, x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor, masks: List[torch.Tensor], keys_pool: torch.Tensor,
                values_pool: torch.Tensor, slots: torch.Tensor, tables: List[torch.Tensor]) -> torch.Tensor:
        """x [B,T,width]; cos, sin [B,T,1,D/2]; pools [NB,BLK,KV,D]; slots [B*T]; per group masks [r,1,T,K], additive, and tables [r*nb]."""
        batch, length, heads, kv_heads, head_dim = x.shape[0], x.shape[1], self.heads, keys_pool.shape[2], keys_pool.shape[3]
        projected = linear(rms_norm(x, self.attention_norm, self.epsilon), self.query_key_value, self.query_key_value_bias)
        heads_of_all = projected.view(batch, length, heads + 2 * kv_heads, head_dim)
        query = rotate(norm_if_any(heads_of_all[:, :, :heads], self.query_norm, self.epsilon), cos, sin) * self.scale
        key = rotate(norm_if_any(heads_of_all[:, :, heads:heads + kv_heads], self.key_norm, self.epsilon), cos, sin)
        keys_pool.view(-1, kv_heads, head_dim).index_copy_(0, slots, storable(key).reshape(-1, kv_heads, head_dim))
        values_pool.view(-1, kv_heads, head_dim).index_copy_(0, slots, storable(heads_of_all[:, :, heads + kv_heads:]).reshape(-1, kv_heads, head_dim))
        mixed: List[torch.Tensor] = []
        first = 0
        for mask, blocks in zip(masks, tables):
            mixed.append(attend(query.narrow(0, first, mask.shape[0]), mask, keys_pool, values_pool, blocks))
            first += mask.shape[0]
        attended = linear(torch.cat(mixed), self.attention_out, self.attention_out_bias)
        # What the pool must not hold the row must still show: this is 0, or NaN for all tokens of a row in which one is no number.
        x = x + norm_if_any(attended, self.after_attention, self.epsilon) + (projected * 0.0).sum([1, 2]).view(batch, 1, 1)
        gate, up = F.linear(rms_norm(x, self.feed_forward_norm, self.epsilon), self.gate_up).chunk(2, -1)
        active = F.gelu(gate, approximate="tanh") if self.gelu else F.silu(gate)
        return x + norm_if_any(F.linear(active * up, self.down), self.after_feed_forward, self.epsilon)


class PagedDecoder(nn.Module):
    def __init__(self, layout: Layout, weights: Weights):
        super().__init__()
        self.embedding = weights.take("model.embed_tokens.weight")
        if layout.tied and "lm_head.weight" in weights.tensors:
            weights.used.add("lm_head.weight")
        self.head = self.embedding if layout.tied else weights.take("lm_head.weight")
        self.final_norm = weights.take("model.norm.weight", layout.norm_offset)
        self.layers = nn.ModuleList([DecoderLayer(layout, weights, index) for index in range(layout.layers)])
        weights.require_all_used()
        # Angles are computed in float64 whatever the weights are: position 100,000 times a float32 is off by hundredths.
        self.register_buffer("frequencies", layout.rotary.frequencies)
        self.register_buffer("local_frequencies", layout.local_rotary.frequencies)
        self.rotary_scale: float = layout.rotary.scale
        self.local_rotary_scale: float = layout.local_rotary.scale
        self.is_local: List[bool] = layout.is_local
        self.window: int = layout.window
        self.epsilon: float = layout.epsilon
        self.embedding_scale: float = layout.embedding_scale

    def forward(self, ids: torch.Tensor, pos: torch.Tensor, slots: torch.Tensor, block_tables: torch.Tensor, groups: torch.Tensor,
                last: torch.Tensor, kv: torch.Tensor) -> torch.Tensor:
        """ids, pos, slots [B,T]; block_tables [sum of r*nb]; groups [G,2] of (r, nb), on the CPU; last [B]; kv [L,2,NB,BLK,KV,D], written
        in place -> logits [B,V]."""
        batch = ids.shape[0]
        at = pos.to(torch.float64).unsqueeze(-1).unsqueeze(-1)
        angles, local_angles = at * self.frequencies, at * self.local_frequencies
        cos, sin = (angles.cos() * self.rotary_scale).to(kv.dtype), (angles.sin() * self.rotary_scale).to(kv.dtype)
        local_cos = (local_angles.cos() * self.local_rotary_scale).to(kv.dtype)
        local_sin = (local_angles.sin() * self.local_rotary_scale).to(kv.dtype)
        masks: List[torch.Tensor] = []
        local_masks: List[torch.Tensor] = []
        tables: List[torch.Tensor] = []
        first, place = 0, 0
        shapes: List[List[int]] = groups.tolist()
        for shape in shapes:
            rows, width = shape[0], shape[1]
            own = pos.narrow(0, first, rows).view(rows, 1, -1, 1)
            keys = torch.arange(width * kv.shape[3], device=pos.device).view(1, 1, 1, -1)
            mask = torch.zeros([rows, 1, own.shape[2], keys.shape[3]], dtype=kv.dtype, device=kv.device).masked_fill_(keys > own, -math.inf)
            masks.append(mask)
            local_masks.append(mask.masked_fill(keys <= own - self.window, -math.inf) if self.window > 0 else mask)
            tables.append(block_tables.narrow(0, place, rows * width))
            first, place = first + rows, place + rows * width
        x = F.embedding(ids, self.embedding) * self.embedding_scale
        for index, layer in enumerate(self.layers):
            if self.is_local[index]:
                x = layer(x, local_cos, local_sin, local_masks, kv[index, 0], kv[index, 1], slots.reshape(-1), tables)
            else:
                x = layer(x, cos, sin, masks, kv[index, 0], kv[index, 1], slots.reshape(-1), tables)
        x_last = x.gather(1, last.view(batch, 1, 1).expand(batch, 1, x.shape[2])).squeeze(1)
        return F.linear(rms_norm(x_last, self.final_norm, self.epsilon), self.head)

    @torch.jit.export
    def copy_blocks(self, kv: torch.Tensor, src: torch.Tensor, dst: torch.Tensor) -> torch.Tensor:
        """Copies the K/V blocks src [n] onto dst [n] in all layers; no block may be in both."""
        kv.index_copy_(2, dst, kv.index_select(2, src))
        return dst


def working_bytes(layout: Layout, dtype: torch.dtype) -> dict:
    """Coefficients of a bound on what a call allocates, as in `paged.py`; `working_memory.py` holds it against what is allocated."""
    size = torch.finfo(dtype).bits // 8
    kv_width, width = layout.kv_heads * layout.head_dim, layout.heads * layout.head_dim
    # What attention computes is gone when the feed-forward part begins.
    of_a_part = max(5 * (width + 2 * kv_width), 4 * layout.hidden)
    return {
        "row": layout.vocabulary_size * (8 * size + 16),
        "token": (6 * layout.width + of_a_part) * size + 8 * layout.head_dim * 8,
        "mask": 2 * (size + 1),
        "key": 4 * kv_width * size,
        "score": 3 * layout.heads * size,
    }
