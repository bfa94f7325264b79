"""The emotion head, fitted once more on fixed features."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn
from toys import BACKBONE

from iae.images.preprocess import PreprocessSpec
from iae.labels import EMOTIONS
from iae.nn.backbone import build_backbone
from iae.nn.branches import BranchedNet
from iae.nn.joint import JointNet
from iae.train.refit import refit_emotion_head

WIDTH, COUNT = 12, 400


class FixedFeatures(nn.Module):
    """A backbone that only says how wide it is."""

    num_features = WIDTH


def table(seed: int, *, noise: float = 1.0, unlabelled: int = 0) -> dict[str, Tensor]:
    """Features that hold the label in their first eight numbers, under noise and odd scales."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, len(EMOTIONS), COUNT)
    features = rng.normal(0, noise, (COUNT, WIDTH))
    features[np.arange(COUNT), labels] += 2
    features = features * np.linspace(0.1, 10, WIDTH) + 3
    labels[:unlabelled] = -1
    return {
        "features": torch.tensor(features, dtype=torch.float32),
        "emotion": torch.eye(len(EMOTIONS))[np.maximum(labels, 0)],
        "emotion_offered": torch.ones(COUNT, len(EMOTIONS), dtype=torch.bool),
        "emotion_weight": torch.ones(COUNT),
        "emotion_label": torch.tensor(labels),
    }


@pytest.fixture
def net() -> JointNet:
    return JointNet(FixedFeatures(), PreprocessSpec())


def emotion_probs(net: JointNet, rows: dict[str, Tensor]) -> np.ndarray:
    with torch.inference_mode():
        return net.eval().classify(rows["features"])["emotion"].softmax(dim=1).numpy()


def test_the_refitted_head_is_a_penalised_logistic_regression(net):
    train, val = table(0), table(1)
    strength = refit_emotion_head(net, train, val, [0.05])
    features = train["features"].double().numpy()
    mean, std = features.mean(axis=0), features.std(axis=0)
    reference = LogisticRegression(C=1 / (strength * COUNT), max_iter=2000, tol=1e-8)
    reference.fit((features - mean) / std, train["emotion_label"].numpy())
    wanted = reference.predict_proba((val["features"].double().numpy() - mean) / std)
    np.testing.assert_allclose(emotion_probs(net, val), wanted, atol=2e-3)


def test_validation_photos_choose_the_strength(net):
    assert refit_emotion_head(net, table(0), table(1), [1e-3, 1e4]) == 1e-3


def test_the_aesthetic_head_stays_as_it_was(net):
    before = net.heads["aesthetic"].weight.clone()
    refit_emotion_head(net, table(0), table(1), [0.1])
    assert torch.equal(net.heads["aesthetic"].weight, before)


def test_photos_without_a_label_are_not_fitted_to(net):
    train = table(0, unlabelled=100)
    train["emotion"][:100] = torch.eye(len(EMOTIONS))[0]  # votes that would pull at the head
    refit_emotion_head(net, train, table(1), [0.1])
    after = {name: tensor.clone() for name, tensor in net.heads["emotion"].state_dict().items()}
    refit_emotion_head(net, {k: v[100:] for k, v in train.items()}, table(1), [0.1])
    for name, tensor in net.heads["emotion"].state_dict().items():
        assert torch.equal(tensor, after[name])


def test_refitting_twice_gives_the_same_head(net):
    refit_emotion_head(net, table(0), table(1), [0.1])
    once = net.heads["emotion"].weight.clone()
    refit_emotion_head(net, table(0), table(1), [0.1])
    assert torch.equal(net.heads["emotion"].weight, once)


def test_a_branched_network_is_refitted_on_the_features_of_its_emotion_branch():
    net = BranchedNet(build_backbone(BACKBONE), PreprocessSpec(size=64), sharing="single")
    train, val = table(0), table(1)
    width = net.width
    columns = torch.randn(COUNT, width, generator=torch.Generator().manual_seed(0))
    inside = {**train, "features": torch.cat([columns, _padded(train["features"], width)], dim=1)}
    refit_emotion_head(net, inside, {**val, "features": torch.cat(
        [columns, _padded(val["features"], width)], dim=1)}, [0.05])  # fmt: skip
    alone = JointNet(FixedFeatures(), PreprocessSpec())
    refit_emotion_head(alone, train, val, [0.05])
    weight = net.heads["emotion"].weight
    torch.testing.assert_close(weight[:, :WIDTH], alone.heads["emotion"].weight, atol=1e-3, rtol=0)


def _padded(features: Tensor, width: int) -> Tensor:
    return torch.nn.functional.pad(features, (0, width - WIDTH))
