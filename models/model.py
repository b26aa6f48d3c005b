"""A small Llama-style decoder: RMSNorm, rotary positions, SwiGLU, no biases. Shapes: B rows, T tokens, H heads, D head size."""
import math
from dataclasses import asdict, dataclass

import torch
from torch import nn
from torch.nn import functional as F


@dataclass(frozen=True)
class ModelShape:
    vocabulary_size: int
    width: int = 96
    layers: int = 3
    heads: int = 4
    max_positions: int = 512

    @property
    def head_dim(self):
        return self.width // self.heads

    @property
    def hidden(self):
        """Width of the feed-forward part: 8/3 of the model width, as a multiple of 16."""
        return round(8 * self.width / 3 / 16) * 16


def rms_norm(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + 1e-5) * weight


def rotate(x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
    """Rotary position embedding of x [..., D] by angles [..., D/2]; element i is paired with element i + D/2."""
    first, second = x.chunk(2, -1)
    return torch.cat([first * cos - second * sin, first * sin + second * cos], -1)


class Block(nn.Module):
    def __init__(self, shape: ModelShape):
        super().__init__()
        self.heads, self.head_dim = shape.heads, shape.head_dim
        self.attention_norm = nn.Parameter(torch.ones(shape.width))
        self.query_key_value = nn.Linear(shape.width, 3 * shape.width, bias=False)
        self.attention_out = nn.Linear(shape.width, shape.width, bias=False)
        self.feed_forward_norm = nn.Parameter(torch.ones(shape.width))
        self.gate_up = nn.Linear(shape.width, 2 * shape.hidden, bias=False)
        self.down = nn.Linear(shape.hidden, shape.width, bias=False)

    def forward(self, x, cos, sin, mask):
        """x [B,T,width]; cos, sin [T,1,D/2]; mask [T,T], additive."""
        batch, length, width = x.shape
        qkv = self.query_key_value(rms_norm(x, self.attention_norm)).view(batch, length, 3, self.heads, self.head_dim)
        query = rotate(qkv[:, :, 0], cos, sin).transpose(1, 2)
        key = rotate(qkv[:, :, 1], cos, sin).permute(0, 2, 3, 1)
        value = qkv[:, :, 2].transpose(1, 2)
        weights = torch.softmax(torch.matmul(query * self.head_dim ** -0.5, key) + mask, -1)
        mixed = torch.matmul(weights, value).transpose(1, 2).reshape(batch, length, width)
        x = x + self.attention_out(mixed)
        gate, up = self.gate_up(rms_norm(x, self.feed_forward_norm)).chunk(2, -1)
        return x + self.down(F.silu(gate) * up)


class LanguageModel(nn.Module):
    """The plain forward pass, without a cache: what training uses and what the exported module is checked against."""

    def __init__(self, shape: ModelShape):
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocabulary_size, shape.width)
        self.blocks = nn.ModuleList([Block(shape) for _ in range(shape.layers)])
        self.final_norm = nn.Parameter(torch.ones(shape.width))
        self.head = nn.Linear(shape.width, shape.vocabulary_size, bias=False)
        self.register_buffer("frequencies", rotary_frequencies(shape.head_dim).float())
        self.initialise()

    def initialise(self):
        """Scales each matrix by its fan-in; those that write into the residual stream start at half of that."""
        for name, weight in self.named_parameters():
            if weight.dim() < 2:
                continue
            writes_to_stream = "attention_out" in name or "down" in name
            deviation = 0.02 if "embedding" in name else weight.shape[1] ** -0.5 * (0.5 if writes_to_stream else 1.0)
            nn.init.normal_(weight, std=deviation)

    def double_precision(self):
        """This model in float64, with rotary frequencies that were never rounded to float32."""
        self.double()
        self.frequencies = rotary_frequencies(self.shape.head_dim)
        return self

    def hidden_states(self, ids):
        """ids [B,T] -> [B,T,width], after the final norm."""
        length = ids.shape[1]
        x = self.embedding(ids)
        angles = torch.arange(length, dtype=x.dtype).unsqueeze(-1) * self.frequencies
        cos, sin = angles.cos().unsqueeze(1), angles.sin().unsqueeze(1)
        mask = torch.full((length, length), -math.inf, dtype=x.dtype).triu(1)
        for block in self.blocks:
            x = block(x, cos, sin, mask)
        return rms_norm(x, self.final_norm)

    def forward(self, ids):
        """ids [B,T] -> logits [B,T,vocabulary]. Rows may be padded on the right: attention is causal."""
        return self.head(self.hidden_states(ids))


def rotary_frequencies(head_dim):
    return 1.0 / 10000.0 ** (torch.arange(0, head_dim, 2, dtype=torch.float64) / head_dim)


def save_checkpoint(path, model, **notes):
    torch.save({"shape": asdict(model.shape), "weights": model.state_dict(), "notes": notes}, path)


def load_checkpoint(path):
    """Returns (model in float32, notes)."""
    stored = torch.load(path, map_location="cpu")
    model = LanguageModel(ModelShape(**stored["shape"]))
    model.load_state_dict(stored["weights"])
    return model.eval(), stored["notes"]
