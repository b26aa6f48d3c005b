"""The module that ships: the decoder over a paged K/V pool, with entropy, statistics and sampling on the device.

Names of dimensions: B rows, T new tokens per row, V vocabulary, L layers, NB blocks in the pool, BLK tokens per block,
H heads, D head size; G groups, each of r rows with nb blocks, K = nb * BLK keys per row. README.md has the contract in full.
Only features of torch 1.13 are used, and every tensor made here lives where the inputs live.
"""
import math
from typing import List, Tuple

import torch
from torch import nn
from torch.nn import functional as F

from model import Block, LanguageModel, ModelShape, rms_norm, rotate

STATS_COLUMNS = ("entropy", "chosen_logprob", "token_confidence", "self_certainty", "varentropy", "chosen_rank")
CONFIDENCE_TOP_K = 20


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

    @torch.jit.export
    def logits(self, ids: torch.Tensor, pos: torch.Tensor, slots: torch.Tensor, block_tables: torch.Tensor, groups: torch.Tensor,
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

    def forward(self, ids: torch.Tensor, pos: torch.Tensor, slots: torch.Tensor, block_tables: torch.Tensor, groups: torch.Tensor,
                last: torch.Tensor, kv: torch.Tensor, temperature: torch.Tensor, top_k: torch.Tensor, top_p: torch.Tensor,
                min_p: torch.Tensor, u: torch.Tensor, rank: torch.Tensor) -> Tuple[torch.Tensor, torch.Tensor]:
        """One step for all rows -> (next token [B], statistics f32 [B,6])."""
        logits = self.logits(ids, pos, slots, block_tables, groups, last, kv)
        return choose_with_statistics(logits, temperature, top_k, top_p, min_p, u, rank)

    @torch.jit.export
    def copy_blocks(self, kv: torch.Tensor, src: torch.Tensor, dst: torch.Tensor) -> torch.Tensor:
        """Copies the K/V blocks src [n] onto dst [n] in all layers; no block may be in both."""
        kv.index_copy_(2, dst, kv.index_select(2, src))
        return dst


def choose_with_statistics(logits: torch.Tensor, temperature: torch.Tensor, top_k: torch.Tensor, top_p: torch.Tensor,
                           min_p: torch.Tensor, u: torch.Tensor, rank: torch.Tensor) -> Tuple[torch.Tensor, torch.Tensor]:
    """logits [B,V] and per row [B] the sampling settings -> (next token [B], statistics f32 [B,6])."""
    # Sorting a large vocabulary costs many times what all the rest does. 1024 words are sorted in no time.
    if logits.shape[-1] > 1024:
        return choose_among_many(logits, temperature, top_k, top_p, min_p, u, rank)
    order, position = choose_in_whole_order(logits, temperature, top_k, top_p, min_p, u, rank)
    next_token = order.gather(-1, position.unsqueeze(-1))
    return next_token.squeeze(-1), statistics(logits, order, next_token, position)


def choose_among_many(logits: torch.Tensor, temperature: torch.Tensor, top_k: torch.Tensor, top_p: torch.Tensor, min_p: torch.Tensor,
                      u: torch.Tensor, rank: torch.Tensor) -> Tuple[torch.Tensor, torch.Tensor]:
    """The same by the 1024 most probable words of each row. The few rows that need more are sorted by themselves; whether a row does
    depends on the row alone, so its company cannot change its token."""
    order = most_probable(logits, 1024)
    sampled, decided = position_among(logits, order, temperature, top_k, top_p, min_p, u)
    position = wanted_position(sampled, temperature, rank, logits.shape[-1])
    # A rank or a greedy choice needs no distribution, but a rank may lie further down.
    decided = torch.where((rank >= 0) | (temperature <= 0), position < 1024, decided) & distinct_from_the_rest(logits, order)
    position = torch.where(decided, position, torch.zeros_like(position))
    next_token = order.gather(-1, position.unsqueeze(-1))
    rows = (~decided).nonzero().squeeze(-1)
    if rows.shape[0] > 0:
        whole, place = choose_in_whole_order(logits[rows], temperature[rows], top_k[rows], top_p[rows], min_p[rows], u[rows], rank[rows])
        next_token[rows] = whole.gather(-1, place.unsqueeze(-1))
        position[rows] = place
        order[rows] = whole[:, :1024]
    return next_token.squeeze(-1), statistics(logits, order, next_token, position)


def choose_in_whole_order(logits: torch.Tensor, temperature: torch.Tensor, top_k: torch.Tensor, top_p: torch.Tensor, min_p: torch.Tensor,
                          u: torch.Tensor, rank: torch.Tensor) -> Tuple[torch.Tensor, torch.Tensor]:
    """(all tokens in descending order [B,V], place of the chosen one [B])."""
    order = descending(logits)
    sampled = sampled_position(logits, order, temperature, top_k, top_p, min_p, u)
    return order, wanted_position(sampled, temperature, rank, logits.shape[-1])


def descending(logits: torch.Tensor) -> torch.Tensor:
    """Token ids [B,V], most probable first; of equals the lower id first."""
    return torch.sort(logits, stable=True, dim=-1, descending=True)[1]


def most_probable(logits: torch.Tensor, count: int) -> torch.Tensor:
    """The first `count` columns of `descending`, unless the last of them equals one that is left out."""
    ids = torch.sort(torch.topk(logits, count, dim=-1)[1], dim=-1)[0]
    return ids.gather(-1, descending(logits.gather(-1, ids)))


def distinct_from_the_rest(logits: torch.Tensor, order: torch.Tensor) -> torch.Tensor:
    """Whether [B] no word that is left out is as probable as the last of `order`: topk takes any of equals."""
    last = logits.gather(-1, order[:, -1:])
    return (logits >= last).sum(-1) == order.shape[-1]


def wanted_position(sampled: torch.Tensor, temperature: torch.Tensor, rank: torch.Tensor, vocabulary: int) -> torch.Tensor:
    """Place [B] in the descending order: of the given rank if there is one, the first at temperature 0, else the sampled one."""
    position = torch.where(temperature > 0, sampled, torch.zeros_like(sampled))
    return torch.where(rank >= 0, rank.clamp(max=vocabulary - 1), position)


def sampled_position(logits: torch.Tensor, order: torch.Tensor, temperature: torch.Tensor, top_k: torch.Tensor, top_p: torch.Tensor,
                     min_p: torch.Tensor, u: torch.Tensor) -> torch.Tensor:
    """Place [B] of the sampled token in the descending order [B,V], by inverse CDF over what the filters leave."""
    p = torch.softmax(logits.gather(-1, order) / usable(temperature), -1)
    p = filtered(p, p.sum(-1, keepdim=True), top_k, top_p, min_p)
    cumulative = p.cumsum(-1)
    return place_in(p, cumulative, u.unsqueeze(-1) * cumulative[:, -1:])


def position_among(logits: torch.Tensor, order: torch.Tensor, temperature: torch.Tensor, top_k: torch.Tensor, top_p: torch.Tensor,
                   min_p: torch.Tensor, u: torch.Tensor) -> Tuple[torch.Tensor, torch.Tensor]:
    """The same from the most probable words [B,n] alone, and whether [B] they decide it."""
    tempered = logits / usable(temperature)
    p = (tempered.gather(-1, order) - tempered.logsumexp(-1, keepdim=True)).exp()
    p = filtered(p, torch.ones_like(p[:, :1]), top_k, top_p, min_p)
    cumulative = p.cumsum(-1)
    # Either the filters leave nothing beyond these words, or all words are left and the draw falls among these.
    ends_here = (p[:, -1] <= 0) & (top_k <= order.shape[-1])
    nothing_filtered = (top_k <= 0) & (top_p >= 1.0) & (min_p <= 0)
    mass = torch.where(nothing_filtered, torch.ones_like(u), cumulative[:, -1]).unsqueeze(-1)
    position = place_in(p, cumulative, u.unsqueeze(-1) * mass)
    return position, torch.where(nothing_filtered, cumulative[:, -1] > u, ends_here)


def usable(temperature: torch.Tensor) -> torch.Tensor:
    """[B,1], for rows whose temperature is 0 too, whatever comes of it."""
    return torch.where(temperature > 0, temperature, torch.ones_like(temperature)).clamp(min=1e-3).unsqueeze(-1)


def filtered(p: torch.Tensor, mass_of_all: torch.Tensor, top_k: torch.Tensor, top_p: torch.Tensor, min_p: torch.Tensor) -> torch.Tensor:
    """Descending probabilities [B,n], those that the filters take away set to 0. Each filter keeps a prefix."""
    places = torch.arange(p.shape[-1], device=p.device).unsqueeze(0)
    limited = (top_k > 0).unsqueeze(-1)
    p = p.masked_fill(limited & (places >= top_k.unsqueeze(-1)), 0.0)
    mass = torch.where(limited, p.sum(-1, keepdim=True), mass_of_all)
    before = p.cumsum(-1) - p
    beyond_top_p = (before >= top_p.unsqueeze(-1) * mass) & (top_p < 1.0).unsqueeze(-1)
    below_min_p = p < min_p.unsqueeze(-1) * p[:, :1]
    return p.masked_fill((beyond_top_p | below_min_p) & (places > 0), 0.0)


def place_in(p: torch.Tensor, cumulative: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """The first place [B] at which more than `target` [B,1] is reached, never one that is filtered out."""
    # Of a row that is no number nothing is above 0; its token is as good as any, and its statistics tell.
    return torch.minimum((cumulative <= target).sum(-1), (p > 0).sum(-1) - 1).clamp(min=0)


def statistics(logits: torch.Tensor, order: torch.Tensor, next_token: torch.Tensor, position: torch.Tensor) -> torch.Tensor:
    """The columns of STATS_COLUMNS [B,6], from the raw logits: temperature 1, whole vocabulary, nats."""
    # Minus infinity, as padded vocabularies have, counts as -1000: there p is 0 already, but 0 * inf would be NaN.
    log_p = torch.log_softmax(logits, -1).clamp(min=-1000.0)
    p = log_p.exp()
    entropy = -(p * log_p).sum(-1)
    varentropy = (p * (log_p + entropy.unsqueeze(-1)).square()).sum(-1)
    chosen = log_p.gather(-1, next_token).squeeze(-1)
    # Only the first columns of the order are looked at. 20 is CONFIDENCE_TOP_K, which TorchScript cannot read from here.
    confidence = -log_p.gather(-1, order[:, :20]).mean(-1)
    self_certainty = -log_p.mean(-1) - math.log(logits.shape[-1])
    columns = torch.stack([entropy.clamp(min=0.0), chosen, confidence, self_certainty, varentropy, position.to(logits.dtype)], -1)
    # A step of 2^-20 nats: below it the values hold rounding noise that depends on the batch, and the statistics must not.
    return (torch.round(columns * 1048576.0) / 1048576.0).float()
