"""An independent reading of a model folder: the plain forward pass in float64, and statistics and filters by formula in numpy."""
import numpy as np
import torch

from model import LanguageModel, ModelShape


def plain_model(module, description):
    """The plain model with the weights of an exported module."""
    shape = ModelShape(description["vocabulary_size"], description["width"], description["layers"], description["kv_heads"],
                       description["max_positions"])
    model = LanguageModel(shape).double_precision()
    model.load_state_dict(module.state_dict())
    return model.eval()


def last_logits(model, ids):
    """Logits [V] behind the last of `ids`, as numpy float64."""
    with torch.no_grad():
        return model(torch.tensor([ids]))[0, -1].numpy()


def log_softmax(logits):
    shifted = logits - logits.max()
    return shifted - np.log(np.exp(shifted).sum())


def descending(logits):
    """Token ids, most probable first; of equals the lower id first."""
    return sorted(range(len(logits)), key=lambda token: (-logits[token], token))


def expected_statistics(logits, chosen):
    """The six columns for one row, by the definitions in README.md."""
    log_p = log_softmax(logits)
    p = np.exp(log_p)
    order = descending(logits)
    entropy = max(0.0, -float(np.dot(p, log_p)))
    return [entropy, float(log_p[chosen]), -float(np.mean(log_p[order[:20]])),
            -float(np.log(len(logits))) - float(np.mean(log_p)), float(np.sum(p * (log_p + entropy) ** 2)), float(order.index(chosen))]


def expected_token(logits, temperature, top_k, top_p, min_p, u):
    """The token that the filters and the uniform number give, one token at a time."""
    order = descending(logits)
    if temperature <= 0:
        return order[0]
    kept = [(token, probability) for token, probability in zip(order, np.exp(log_softmax(logits[order] / temperature)))]
    if top_k > 0:
        kept = kept[:top_k]
    if top_p < 1:
        total, seen, nucleus = sum(probability for _, probability in kept), 0.0, []
        for token, probability in kept:
            if nucleus and seen >= top_p * total:
                break
            nucleus.append((token, probability))
            seen += probability
        kept = nucleus
    kept = [pair for index, pair in enumerate(kept) if index == 0 or pair[1] >= min_p * kept[0][1]]
    target = u * sum(probability for _, probability in kept)
    reached = 0.0
    for token, probability in kept:
        reached += probability
        if reached > target:
            return token
    return kept[-1][0]
