"""The emotion head fitted once more, to labels only, on the features of the finished network.

While network and heads are trained together, votes from one data set help to shape the features;
in the head itself they disagree with the labels of another. A linear head on fixed features is a
convex problem, so its regularisation can simply be tried out on validation photos.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from iae.labels import EMOTIONS
from iae.metrics import accuracy, macro_f1
from iae.nn.losses import emotion_loss
from iae.nn.network import Network
from iae.train.figures import kept_labels

_STEPS = 100


def refit_emotion_head(
    net: Network,
    train: Mapping[str, Tensor],
    val: Mapping[str, Tensor],
    candidates: Sequence[float],
) -> float:
    """Fit the emotion head of ``net`` in place to the photos with one emotion label.

    Args:
        net: the trained network; nothing but its emotion head changes.
        train: features and targets, as ``extract_features`` gives them, to fit on; here
            and in ``val`` at least one photo has a label.
        val: the same of validation photos; they choose the candidate with the best mean of
            accuracy and macro-F1.
        candidates: strengths of the L2 penalty on weights of standardised features.

    Returns:
        The strength chosen.
    """
    train, val = (_as_seen_by_the_head(net, _labelled(table)) for table in (train, val))
    fitted = {strength: _fit(train, strength) for strength in candidates}

    def quality(strength: float) -> float:
        weight, bias = fitted[strength]
        predicted = (val["features"] @ weight.T + bias).argmax(dim=1).numpy()
        labels = val["emotion_label"].numpy()
        return accuracy(predicted, labels) + macro_f1(predicted, labels, len(EMOTIONS))

    chosen = max(candidates, key=quality)
    weight, bias = fitted[chosen]
    head = net.heads["emotion"]
    assert isinstance(head, torch.nn.Linear)
    with torch.no_grad():
        head.weight.copy_(weight)
        head.bias.copy_(bias)
    return chosen


def predict_from_features(
    net: Network, table: Mapping[str, Tensor]
) -> dict[str, NDArray[np.generic]]:
    """What validation keeps, for calibration and figures: logits of the heads, and the labels."""
    with torch.inference_mode():
        logits = net.eval().cpu().classify(table["features"])
    return {name: tensor.numpy() for name, tensor in {**logits, **kept_labels(table)}.items()}


def _labelled(table: Mapping[str, Tensor]) -> dict[str, Tensor]:
    chosen = table["emotion_label"] >= 0
    return {name: values[chosen] for name, values in table.items()}


def _as_seen_by_the_head(net: Network, table: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The head's own share of the embedding in place of all of it."""
    return {**table, "features": net.task_features(table["features"])["emotion"]}


def _fit(table: Mapping[str, Tensor], strength: float) -> tuple[Tensor, Tensor]:
    """Weight (8, D) and bias (8,) for raw features, of the penalised cross-entropy's minimum."""
    features = table["features"]
    mean, std = features.mean(dim=0), features.std(dim=0, correction=0).clamp(min=1e-6)
    standard = (features - mean) / std
    weight = torch.zeros(len(EMOTIONS), features.shape[1], requires_grad=True)
    bias = torch.zeros(len(EMOTIONS), requires_grad=True)
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=_STEPS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        cross_entropy = emotion_loss(
            standard @ weight.T + bias,
            table["emotion"],
            table["emotion_offered"],
            table["emotion_weight"],
        )
        total = cross_entropy + strength / 2 * weight.pow(2).sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    raw_weight = (weight / std).detach()
    return raw_weight, (bias - raw_weight @ mean).detach()
