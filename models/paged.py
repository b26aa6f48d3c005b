"""The module that ships with a model: the decoder over a paged K/V pool, up to the logits; `choose.py` takes them from there.

Names of dimensions: B rows, T new tokens per row, V vocabulary, L layers, NB blocks in the pool, BLK tokens per block,
H heads, D head size; G groups, each of r rows with nb blocks, K = nb * BLK keys per row. README.md has the contract in full.
Only features of torch 1.13 are used, and every tensor made here lives where the inputs live.
"""
import math
from typing import List

import torch
from torch import nn
from torch.nn import functional as F

from model import Block, LanguageModel, ModelShape, rms_norm, rotate

CONTRACT = 1

def working_bytes(shape: ModelShape, dtype: torch.dtype) -> dict:
    """Coefficients of a bound on what a call allocates: B * (row + T * token) + B * T * K * mask + R * K * (key + T * score) bytes, with
    K keys in the longest row and R rows in the largest group. `test_models.py` holds it against what is allocated."""
    size = torch.finfo(dtype).bits // 8
    return {
        "row": shape.vocabulary_size * (8 * size + 16),  # logits, their order, what is sampled from, statistics
        "token": (14 * shape.width + 4 * shape.hidden) * size,  # activations
        "mask": size + 1,
        "key": 4 * shape.width * size,  # keys and values, gathered and in the order that a product wants
        "score": 2 * shape.heads * size,
    }


def attend(query: torch.Tensor, mask: torch.Tensor, keys_pool: torch.Tensor, values_pool: torch.Tensor, blocks: torch.Tensor) -> torch.Tensor:
    """query [B,T,H,D], already scaled -> [B,T,H*D]."""
    batch, length, heads, head_dim = query.shape[0], query.shape[1], query.shape[2], query.shape[3]
    keys = keys_pool.index_select(0, blocks).view(batch, -1, heads, head_dim)
    values = values_pool.index_select(0, blocks).view(batch, -1, heads, head_dim)
    weights = torch.softmax(torch.matmul(query.transpose(1, 2), keys.permute(0, 2, 3, 1)) + mask, -1)
    return torch.matmul(weights, values.transpose(1, 2)).transpose(1, 2).reshape(batch, length, heads * head_dim)


def attend_with_one_query(query: torch.Tensor, mask: torch.Tensor, keys_pool: torch.Tensor, values_pool: torch.Tensor,
                          blocks: torch.Tensor, gathered: torch.Tensor) -> torch.Tensor:
    """The same for T = 1, where moving keys and values costs more than arithmetic.

    Each head's query is laid into a row of full width with zeros elsewhere: H times the arithmetic, but the gathered keys and
    values are used as they lie, and `gathered` is filled again and again instead of asking for fresh memory."""
    batch, heads, head_dim = query.shape[0], query.shape[2], query.shape[3]
    width = heads * head_dim
    own_head = torch.eye(heads, dtype=query.dtype, device=query.device).view(1, heads, heads, 1)
    wide_query = (query * own_head).view(batch, heads, width)
    keys = torch.index_select(keys_pool, 0, blocks, out=gathered).view(batch, -1, width)
    weights = torch.softmax(torch.bmm(wide_query, keys.transpose(1, 2)) + mask.squeeze(1), -1)
    values = torch.index_select(values_pool, 0, blocks, out=gathered).view(batch, -1, width)
    return (torch.bmm(weights, values).view(batch, heads, heads, head_dim) * own_head).sum(1).view(batch, 1, width)


def storable(kv: torch.Tensor) -> torch.Tensor:
    """Keys or values as the pool may hold them. A mask hides what lies behind a row, but not if it is no number: 0 * NaN is NaN, so
    one sick row would reach others through blocks that change hands."""
    return torch.nan_to_num(kv, nan=0.0, posinf=0.0, neginf=0.0)


def additive_mask(pos: torch.Tensor, keys: int, kv: torch.Tensor) -> torch.Tensor:
    """pos [r,T] -> [r,1,T,K]. Pool slots behind a row's own position hold other sequences or nothing; they must not be seen."""
    hidden = torch.arange(keys, device=pos.device).view(1, 1, 1, -1) > pos.view(pos.shape[0], 1, -1, 1)
    return torch.zeros_like(hidden, dtype=kv.dtype).masked_fill_(hidden, -math.inf)


class PagedBlock(nn.Module):
    def __init__(self, block: Block):
        super().__init__()
        self.attention_norm, self.feed_forward_norm = block.attention_norm, block.feed_forward_norm
        self.query_key_value, self.attention_out = block.query_key_value, block.attention_out
        self.gate_up, self.down = block.gate_up, block.down

    def forward(self, x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor, masks: List[torch.Tensor], keys_pool: torch.Tensor,
                values_pool: torch.Tensor, slots: torch.Tensor, tables: List[torch.Tensor], gathered: torch.Tensor) -> torch.Tensor:
        """x [B,T,width]; cos, sin [B,T,1,D/2]; pools [NB,BLK,H,D]; slots [B*T]; per group masks [r,1,T,K], additive, and tables
        [r*nb]; gathered [at least the longest table,BLK,H,D] is scratch space."""
        batch, length, width = x.shape[0], x.shape[1], x.shape[2]
        heads, head_dim = keys_pool.shape[2], keys_pool.shape[3]
        qkv = self.query_key_value(rms_norm(x, self.attention_norm)).view(batch, length, 3, heads, head_dim)
        query_and_key = rotate(qkv[:, :, :2].reshape(batch, length, 2 * heads, head_dim), cos, sin)
        query = query_and_key[:, :, :heads] * head_dim ** -0.5
        keys_pool.view(-1, heads, head_dim).index_copy_(0, slots, storable(query_and_key[:, :, heads:]).reshape(-1, heads, head_dim))
        values_pool.view(-1, heads, head_dim).index_copy_(0, slots, storable(qkv[:, :, 2]).reshape(-1, heads, head_dim))
        mixed: List[torch.Tensor] = []
        first = 0
        for mask, blocks in zip(masks, tables):
            queries = query.narrow(0, first, mask.shape[0])
            if length == 1:
                mixed.append(attend_with_one_query(queries, mask, keys_pool, values_pool, blocks, gathered.narrow(0, 0, blocks.shape[0])))
            else:
                mixed.append(attend(queries, mask, keys_pool, values_pool, blocks))
            first += mask.shape[0]
        # What the pool must not hold the row must still show: this is 0, or NaN for all tokens of a row in which one is no number.
        x = x + self.attention_out(torch.cat(mixed)) + (qkv * 0.0).sum([1, 2, 3, 4]).view(batch, 1, 1)
        gate, up = self.gate_up(rms_norm(x, self.feed_forward_norm)).chunk(2, -1)
        return x + self.down(F.silu(gate) * up)


class PagedModel(nn.Module):
    """Float64 on purpose. The order of summation in a matrix product depends on the shape of the batch, so in float32 the
    company a row decodes in would change its statistics and now and then its token. In float64 that error is some 1e-14,
    far below what float32 statistics show and what a random number can hit.
    """

    def __init__(self, model: LanguageModel):
        super().__init__()
        self.embedding, self.head, self.final_norm = model.embedding, model.head, model.final_norm
        self.blocks = nn.ModuleList([PagedBlock(block) for block in model.blocks])
        self.register_buffer("frequencies", model.frequencies)

    def forward(self, ids: torch.Tensor, pos: torch.Tensor, slots: torch.Tensor, block_tables: torch.Tensor, groups: torch.Tensor,
                last: torch.Tensor, kv: torch.Tensor) -> torch.Tensor:
        """ids, pos, slots [B,T]; block_tables [sum of r*nb]; groups [G,2] of (r, nb), on the CPU; last [B]; kv [L,2,NB,BLK,H,D], written
        in place -> logits [B,V].

        All that costs by the row is done for all rows at once; attention, which costs by the key, group by group, so that a
        short row need not read as many keys as a long one."""
        batch = ids.shape[0]
        angles = pos.to(self.frequencies.dtype).unsqueeze(-1).unsqueeze(-1) * self.frequencies
        cos, sin = angles.cos(), angles.sin()
        masks: List[torch.Tensor] = []
        tables: List[torch.Tensor] = []
        first, place, longest = 0, 0, 0
        shapes: List[List[int]] = groups.tolist()
        for shape in shapes:
            rows, width = shape[0], shape[1]
            masks.append(additive_mask(pos.narrow(0, first, rows), width * kv.shape[3], kv))
            tables.append(block_tables.narrow(0, place, rows * width))
            first, place, longest = first + rows, place + rows * width, max(longest, rows * width)
        gathered = torch.empty([longest, kv.shape[3], kv.shape[4], kv.shape[5]], dtype=kv.dtype, device=kv.device)
        x = self.embedding(ids)
        for layer, block in enumerate(self.blocks):
            x = block(x, cos, sin, masks, kv[layer, 0], kv[layer, 1], slots.reshape(-1), tables, gathered)
        x_last = x.gather(1, last.view(batch, 1, 1).expand(batch, 1, x.shape[2])).squeeze(1)
        return self.head(rms_norm(x_last, self.final_norm))

    @torch.jit.export
    def copy_blocks(self, kv: torch.Tensor, src: torch.Tensor, dst: torch.Tensor) -> torch.Tensor:
        """Copies the K/V blocks src [n] onto dst [n] in all layers; no block may be in both."""
        kv.index_copy_(2, dst, kv.index_select(2, src))
        return dst
