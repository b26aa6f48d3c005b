"""The module that every model shares: entropy, statistics, masks and the choice of the next token, where the logits are.

Names of dimensions: B rows, V vocabulary, C control columns, N tokens whose probability penalties change, M biased tokens, k best
tokens that are told. README.md has the contract in full. Only features of torch 1.13 are used, every tensor made here lives where the
inputs live, and none is of another precision than the logits.
"""
import math
from typing import List, Tuple

import torch
from torch import nn
from torch.nn import functional as F

# What `control` [B,C] says of each row, by column.
CONTROL_COLUMNS = ("temperature", "top_k", "top_p", "min_p", "uniform", "rank", "token", "repetition_penalty", "presence_penalty",
                   "frequency_penalty")
STATS_COLUMNS = ("entropy", "chosen_logprob", "token_confidence", "self_certainty", "varentropy", "chosen_rank")
CONFIDENCE_TOP_K = 20

Choice = Tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]


class Choose(nn.Module):
    def forward(self, logits: torch.Tensor, control: torch.Tensor, k: torch.Tensor) -> Choice:
        """logits [B,V], control [B,C], k on the CPU -> (next token i64[B], statistics f32[B,6], k best tokens i64[B,k], their raw
        log-probabilities f32[B,k])."""
        temperature, top_k, top_p, min_p, u, rank, token = settings(control)
        tokens, position, order = choose(logits, temperature, top_k, top_p, min_p, u, rank, token)
        return told(logits, order, tokens, position, int(k))

    @torch.jit.export
    def adjusted(self, logits: torch.Tensor, control: torch.Tensor, k: torch.Tensor, seen: torch.Tensor, bias_at: torch.Tensor,
                 bias: torch.Tensor) -> Choice:
        """The same, drawn from biased and then penalised logits; statistics, ranks and the k best stay those of the raw ones.

        seen i64[N,3] of (row, token of its prompt or generated, times generated), times -1 for none; bias_at i64[M,2] of (row,
        token), none twice, and bias [M]."""
        temperature, top_k, top_p, min_p, u, rank, token = settings(control)
        drawn_from = penalised(biased(logits, bias_at, bias), control, seen)
        drawn, _, _ = choose(drawn_from, temperature, top_k, top_p, min_p, u, torch.full_like(rank, -1), token)
        # The raw order is that of another token than the one drawn, so this one is put into it as if it were forced.
        tokens, position, order = choose(logits, temperature, top_k, top_p, min_p, u, rank, torch.where(rank >= 0, token, drawn))
        return told(logits, order, tokens, position, int(k))


def settings(control: torch.Tensor) -> Tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """The first seven columns, those that are counts or ids as integers."""
    return (control[:, 0], control[:, 1].long(), control[:, 2], control[:, 3], control[:, 4], control[:, 5].long(), control[:, 6].long())


def penalised(logits: torch.Tensor, control: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
    """Repetition divides positive and multiplies negative logits of all that was seen; presence and frequency act on what was generated."""
    rows, tokens, times = seen[:, 0], seen[:, 1], seen[:, 2]
    before = logits[rows, tokens]
    repetition = torch.where(times >= 0, control[rows, 7], torch.ones_like(before))
    after = torch.where(before > 0, before / repetition, before * repetition)
    generated = times.clamp(min=0).to(logits.dtype)
    after = after - control[rows, 8] * generated.clamp(max=1.0) - control[rows, 9] * generated
    # Minus infinity stays what it is, whatever it is multiplied by.
    return logits.index_put((rows, tokens), torch.where(before == -math.inf, before, after))


def biased(logits: torch.Tensor, bias_at: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    return logits.index_put((bias_at[:, 0], bias_at[:, 1]), bias, accumulate=True)


def told(logits: torch.Tensor, order: torch.Tensor, tokens: torch.Tensor, position: torch.Tensor, k: int) -> Choice:
    columns, best = statistics(logits, order, tokens, position, k)
    return tokens, columns, order[:, :k], best


def choose(logits: torch.Tensor, temperature: torch.Tensor, top_k: torch.Tensor, top_p: torch.Tensor, min_p: torch.Tensor, u: torch.Tensor,
           rank: torch.Tensor, token: torch.Tensor) -> Tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """(next token [B], its place in the descending order [B], the beginning of that order [B,n], n at least 20 unless V is less)."""
    # Sorting a large vocabulary costs many times what all the rest does. 1024 words are sorted in no time.
    if logits.shape[-1] <= 1024:
        order, position = choose_in_whole_order(logits, temperature, top_k, top_p, min_p, u, rank)
        tokens = order.gather(-1, position.unsqueeze(-1)).squeeze(-1)
    else:
        order, position, tokens = choose_among_many(logits, temperature, top_k, top_p, min_p, u, rank)
    forced = (token >= 0).nonzero().squeeze(-1)
    if forced.shape[0] > 0:
        tokens[forced] = token[forced].clamp(max=logits.shape[-1] - 1)
        position[forced] = rank_of(logits[forced], tokens[forced])
    return tokens, position, order


def rank_of(logits: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
    """Place [B] of given tokens in the descending order, of equals the lower id first."""
    own = logits.gather(-1, tokens.unsqueeze(-1))
    ids = torch.arange(logits.shape[-1], device=logits.device).unsqueeze(0)
    return ((logits > own) | ((logits == own) & (ids < tokens.unsqueeze(-1)))).sum(-1)


def choose_among_many(logits: torch.Tensor, temperature: torch.Tensor, top_k: torch.Tensor, top_p: torch.Tensor, min_p: torch.Tensor,
                      u: torch.Tensor, rank: torch.Tensor) -> Tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """(beginning of the descending order [B,256], place of the chosen one [B], the chosen one [B]) by the 256 most probable words of
    each row. Rows that need more are looked at by themselves, with 1024 and then with all words; whether a row does depends on the row
    alone, so its company cannot change its token."""
    tempered = tempered_mass(logits, temperature)
    order, position, decided = choose_among(logits, tempered, 256, temperature, top_k, top_p, min_p, u, rank)
    tokens = order.gather(-1, position.unsqueeze(-1)).squeeze(-1)
    rows = (~decided).nonzero().squeeze(-1)
    if rows.shape[0] > 0:
        more, place, enough = choose_among(logits[rows], tempered[rows], 1024, temperature[rows], top_k[rows], top_p[rows], min_p[rows],
                                           u[rows], rank[rows])
        position[rows] = place
        order[rows] = more[:, :256]
        tokens[rows] = more.gather(-1, place.unsqueeze(-1)).squeeze(-1)
        rows = rows[~enough]
    if rows.shape[0] > 0:
        whole, place = choose_in_whole_order(logits[rows], temperature[rows], top_k[rows], top_p[rows], min_p[rows], u[rows], rank[rows])
        position[rows] = place
        order[rows] = whole[:, :256]
        tokens[rows] = whole.gather(-1, place.unsqueeze(-1)).squeeze(-1)
    return order, position, tokens


def choose_among(logits: torch.Tensor, tempered: torch.Tensor, count: int, temperature: torch.Tensor, top_k: torch.Tensor, top_p: torch.Tensor,
                 min_p: torch.Tensor, u: torch.Tensor, rank: torch.Tensor) -> Tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """(the most probable words in order [B,count], place of the chosen one [B], whether [B] these words decide it)."""
    order, distinct = most_probable(logits, count)
    sampled, decided = position_among(logits.gather(-1, order), tempered, temperature, top_k, top_p, min_p, u)
    position = wanted_position(sampled, temperature, rank, logits.shape[-1])
    # A rank or a greedy choice needs no distribution, but a rank may lie further down.
    decided = torch.where((rank >= 0) | (temperature <= 0), position < count, decided) & distinct
    return order, torch.where(decided, position, torch.zeros_like(position)), decided


def choose_in_whole_order(logits: torch.Tensor, temperature: torch.Tensor, top_k: torch.Tensor, top_p: torch.Tensor, min_p: torch.Tensor,
                          u: torch.Tensor, rank: torch.Tensor) -> Tuple[torch.Tensor, torch.Tensor]:
    """(all tokens in descending order [B,V], place of the chosen one [B])."""
    order = descending(logits)
    sampled = sampled_position(logits, order, temperature, top_k, top_p, min_p, u)
    return order, wanted_position(sampled, temperature, rank, logits.shape[-1])


def descending(logits: torch.Tensor) -> torch.Tensor:
    """Token ids [B,V], most probable first; of equals the lower id first."""
    return torch.sort(logits, stable=True, dim=-1, descending=True)[1]


def most_probable(logits: torch.Tensor, count: int) -> Tuple[torch.Tensor, torch.Tensor]:
    """(the first `count` columns of `descending`, whether [B] that is certain: topk takes any of equals, so that the last of them must be
    more probable than all that is left out).

    In two stages, so that the whole vocabulary is read once: the largest count + 1 values lie in the count + 1 blocks with the largest
    maxima."""
    rows, block = logits.shape[0], 32
    blocks = -(-logits.shape[-1] // block)
    padded = logits
    if blocks * block > logits.shape[-1]:
        padded = F.pad(logits, [0, blocks * block - logits.shape[-1]], value=-math.inf)
    padded = padded.view(rows, blocks, block)
    kept = min(count + 1, blocks)
    places = torch.topk(padded.amax(-1), kept, dim=-1)[1]
    candidates = padded.gather(1, places.unsqueeze(-1).expand(rows, kept, block)).view(rows, kept * block)
    values, among = torch.topk(candidates, count + 1, dim=-1)
    ids = torch.sort((places.gather(-1, among // block) * block + among % block)[:, :count], dim=-1)[0]
    # Padding has ids that are none; it only comes where everything else is ruled out, and then it equals what is left out.
    ids = ids.clamp(max=logits.shape[-1] - 1)
    return ids.gather(-1, descending(logits.gather(-1, ids))), values[:, count - 1] > values[:, count]


def tempered_mass(logits: torch.Tensor, temperature: torch.Tensor) -> torch.Tensor:
    """Logarithm of the sum of the exponentials of the tempered logits [B]."""
    divisors = usable(temperature)
    if logits.is_cuda:
        return (logits / divisors).logsumexp(-1)
    # Row by row: what is computed of one stays in a processor's cache.
    return torch.stack([(row / divisor).logsumexp(-1) for row, divisor in zip(logits.unbind(0), divisors.unbind(0))])


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


def position_among(most: torch.Tensor, tempered: torch.Tensor, temperature: torch.Tensor, top_k: torch.Tensor, top_p: torch.Tensor,
                   min_p: torch.Tensor, u: torch.Tensor) -> Tuple[torch.Tensor, torch.Tensor]:
    """The same from the largest logits [B,n] alone, and whether [B] they decide it."""
    p = (most / usable(temperature) - tempered.unsqueeze(-1)).exp()
    p = filtered(p, torch.ones_like(p[:, :1]), top_k, top_p, min_p)
    cumulative = p.cumsum(-1)
    # Either the filters leave nothing beyond these words, or all words are left and the draw falls among these.
    ends_here = (p[:, -1] <= 0) & (top_k <= most.shape[-1])
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


def statistics(logits: torch.Tensor, order: torch.Tensor, tokens: torch.Tensor, position: torch.Tensor, k: int) -> Tuple[torch.Tensor, torch.Tensor]:
    """(the columns of STATS_COLUMNS f32[B,6], ln p of the first k of the order f32[B,k]) of the raw logits: temperature 1, whole
    vocabulary, nats."""
    if logits.is_cuda or logits.shape[-1] <= 1024:
        return statistics_of(logits, order, tokens, position, k)
    # Row by row: what is computed of one stays in a processor's cache.
    columns: List[torch.Tensor] = []
    best: List[torch.Tensor] = []
    for row in range(logits.shape[0]):
        own, most = statistics_of(logits[row:row + 1], order[row:row + 1], tokens[row:row + 1], position[row:row + 1], k)
        columns.append(own)
        best.append(most)
    return torch.cat(columns), torch.cat(best)


def statistics_of(logits: torch.Tensor, order: torch.Tensor, tokens: torch.Tensor, position: torch.Tensor, k: int) -> Tuple[torch.Tensor, torch.Tensor]:
    # log_softmax adds up one after the other on a CPU: over 262,144 tokens it is wrong by 1e-4, logsumexp, which adds in a tree, by 1e-6.
    log_p = torch.log_softmax(logits, -1) if logits.shape[-1] <= 1024 else logits - logits.logsumexp(-1, keepdim=True)
    # Minus infinity, as padded vocabularies have, counts as -1000: there p is 0 already, but 0 * inf would be NaN.
    log_p = log_p.clamp_(min=-1000.0)
    chosen = log_p.gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    # Only the first columns of the order are looked at. 20 is CONFIDENCE_TOP_K, which TorchScript cannot read from here.
    confidence = -log_p.gather(-1, order[:, :20]).mean(-1)
    self_certainty = -log_p.mean(-1) - math.log(logits.shape[-1])
    best = log_p.gather(-1, order[:, :k])
    p = log_p.exp()
    entropy = -(p * log_p).sum(-1)
    # What follows no longer needs the logarithms.
    varentropy = log_p.add_(entropy.unsqueeze(-1)).square_().mul_(p).sum(-1)
    columns = torch.stack([entropy.clamp(min=0.0), chosen, confidence, self_certainty, varentropy, position.to(logits.dtype)], -1)
    return rounded(columns), rounded(best)


def rounded(nats: torch.Tensor) -> torch.Tensor:
    """In steps of 2^-20 nats: below it the values hold rounding noise that depends on the batch, and the statistics must not."""
    return (torch.round(nats * 1048576.0) / 1048576.0).float()


def scripted_choose():
    """The TorchScript module."""
    return torch.jit.script(Choose().eval())
