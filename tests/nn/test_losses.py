"""Losses against formulas worked by hand and torch's own, and what a missing label does."""

import math

import pytest
import torch
from torch.nn.functional import cross_entropy

from iae.config import LossConfig
from iae.nn.losses import (
    attribute_sum,
    emd_loss,
    emotion_loss,
    joint_loss_sums,
    joint_losses,
    label_counts,
    mean_score_loss,
    weighted_sum,
)

NAN = float("nan")
SHARES = torch.tensor([[0.1, 0.2, 0.3, 0.4], [0.7, 0.1, 0.1, 0.1], [0.25, 0.25, 0.25, 0.25]])


def logits_of(shares: torch.Tensor) -> torch.Tensor:
    return shares.log().clone().requires_grad_()


def random_logits(*shape: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(shape, generator=generator).requires_grad_()


def test_the_score_loss_is_the_squared_error_in_units_of_the_variance():
    # Means of the shares: 7.0, 2.8 and 5.5.
    loss = mean_score_loss(logits_of(SHARES), torch.tensor([5.0, 2.8, 6.5]), variance=2.0)
    assert loss.item() == pytest.approx((2**2 + 0 + 1**2) / 3 / 2, abs=1e-5)


def test_guessing_the_mean_of_all_scores_has_a_score_loss_of_one():
    rated = torch.tensor([4.5, 5.5, 6.5])  # 5.5 is the mean of even shares
    even = torch.zeros(3, 4)
    loss = mean_score_loss(even, rated, variance=rated.var(correction=0).item())
    assert loss.item() == pytest.approx(1, abs=1e-5)


def test_the_distance_of_reversed_shares_is_the_one_worked_by_hand():
    # Cumulated: .1 .3 .6 1 and .4 .7 .9 1; gaps .3, .4, .3, 0.
    loss = emd_loss(logits_of(SHARES[:1]), SHARES[:1].flip(1))
    assert loss.item() == pytest.approx((0.3**2 + 0.4**2 + 0.3**2) / 4, abs=1e-6)


def test_perfectly_predicted_shares_are_at_distance_zero_with_no_gradient():
    logits = logits_of(SHARES)
    loss = emd_loss(logits, SHARES)
    loss.backward()
    assert loss.item() == pytest.approx(0, abs=1e-12)
    assert logits.grad is not None
    assert logits.grad.abs().max() < 1e-6


def test_the_distance_grows_with_how_far_the_shares_have_to_travel():
    bad, fair, excellent = torch.eye(4)[0:1], torch.eye(4)[1:2], torch.eye(4)[3:4]
    sure_of_bad = torch.tensor([[50.0, 0, 0, 0]])
    distances = [emd_loss(sure_of_bad, target).item() for target in (bad, fair, excellent)]
    assert distances == pytest.approx([0, 0.25, 0.75], abs=1e-6)


def test_the_emotion_loss_of_one_label_is_torch_cross_entropy():
    logits, labels = random_logits(5, 8), torch.tensor([0, 3, 5, 7, 7])
    one_hot = torch.eye(8)[labels]
    ours = emotion_loss(logits, one_hot, torch.ones(5, 8, dtype=torch.bool), torch.ones(5))
    assert ours.item() == pytest.approx(cross_entropy(logits, labels).item(), abs=1e-6)


def test_the_emotion_loss_of_smoothed_labels_is_torch_cross_entropy_with_label_smoothing():
    logits, labels = random_logits(5, 8), torch.tensor([0, 3, 5, 7, 7])
    smoothed = 0.9 * torch.eye(8)[labels] + 0.1 / 8
    ours = emotion_loss(logits, smoothed, torch.ones(5, 8, dtype=torch.bool), torch.ones(5))
    torchs = cross_entropy(logits, labels, label_smoothing=0.1)
    assert ours.item() == pytest.approx(torchs.item(), abs=1e-6)


def test_the_weight_of_a_photo_counts_it_as_often():
    logits, target = random_logits(2, 8), torch.eye(8)[[2, 6]]
    offered = torch.ones(2, 8, dtype=torch.bool)
    weighted = emotion_loss(logits, target, offered, torch.tensor([3.0, 1.0]))
    rows = [0, 0, 0, 1]
    repeated = cross_entropy(logits[rows], torch.tensor([2, 2, 2, 6]))
    assert weighted.item() == pytest.approx(repeated.item(), abs=1e-6)


def test_an_emotion_that_was_not_offered_is_outside_the_softmax_and_gets_no_gradient():
    logits = random_logits(3, 8)
    offered = torch.ones(3, 8, dtype=torch.bool)
    offered[:, 5] = False  # anger, which raters of PARA could not choose
    votes = torch.tensor([[0.5, 0, 0, 0.25, 0, 0, 0.25, 0]] * 3)
    loss = emotion_loss(logits, votes, offered, torch.ones(3))
    loss.backward()
    others = [0, 1, 2, 3, 4, 6, 7]
    without_anger = cross_entropy(logits[:, others], votes[:, others])
    assert loss.item() == pytest.approx(without_anger.item(), abs=1e-6)
    assert logits.grad is not None
    assert (logits.grad[:, 5] == 0).all()
    assert (logits.grad[:, others] != 0).all()


def batch_with(rated: list[int], shared: list[int], felt: list[int]) -> dict[str, torch.Tensor]:
    """Four photos, of which those at the given places have a label."""
    mean, shares, weight = torch.full((4,), NAN), torch.full((4, 4), NAN), torch.zeros(4)
    mean[rated], shares[shared], weight[felt] = 6.0, SHARES[0], 1.0
    emotion = torch.zeros(4, 8)
    emotion[felt, 2] = 1.0
    return {"mean": mean, "shares": shares, "emotion": emotion, "emotion_weight": weight,
            "emotion_offered": torch.ones(4, 8, dtype=torch.bool)}  # fmt: skip


def network_outputs() -> dict[str, torch.Tensor]:
    return {"aesthetic": random_logits(4, 4), "emotion": random_logits(4, 8)}


def test_a_missing_label_gives_its_photo_no_gradient():
    logits = network_outputs()
    parts = joint_losses(logits, batch_with(rated=[0], shared=[1], felt=[2]), variance=1.0)
    weighted_sum(parts, LossConfig()).backward()
    touched = {
        task: out.grad.abs().sum(dim=1).nonzero().flatten().tolist()
        for task, out in logits.items()
        if out.grad is not None
    }
    assert touched == {"aesthetic": [0, 1], "emotion": [2]}


def test_photos_without_labels_do_not_change_the_loss_of_the_others():
    logits = network_outputs()
    batch = batch_with(rated=[0, 1], shared=[0, 1], felt=[0, 1])
    among_others = joint_losses(logits, batch, variance=1.0)
    alone = joint_losses(
        {task: out[:2] for task, out in logits.items()},
        {name: values[:2] for name, values in batch.items()},
        variance=1.0,
    )
    assert {name: part.item() for name, part in among_others.items()} == pytest.approx(
        {name: part.item() for name, part in alone.items()}, abs=1e-6
    )


def test_a_batch_without_any_label_has_loss_zero_and_gradient_zero():
    logits = network_outputs()
    parts = joint_losses(logits, batch_with([], [], []), variance=1.0)
    total = weighted_sum(parts, LossConfig())
    total.backward()
    assert total.item() == 0
    for out in logits.values():
        assert out.grad is not None
        assert (out.grad == 0).all()


def test_the_joint_loss_is_the_sum_of_its_parts_times_their_weights():
    parts = {"aesthetic_mean": torch.tensor(2.0), "level_shares": torch.tensor(3.0),
             "emotion": torch.tensor(5.0)}  # fmt: skip
    weights = LossConfig(aesthetic_mean=0.5, level_shares=10.0, emotion=0.0)
    assert weighted_sum(parts, weights).item() == 0.5 * 2 + 10 * 3


def test_losses_of_half_precision_outputs_are_computed_in_full_precision():
    logits = {task: out.bfloat16() for task, out in network_outputs().items()}
    batch = batch_with([0], [1], [2])
    parts = joint_losses(logits, batch, variance=1.0)
    assert {part.dtype for part in parts.values()} == {torch.float32}
    assert all(math.isfinite(part.item()) for part in parts.values())


def test_the_sums_of_divided_batches_have_the_mean_of_the_whole():
    logits = network_outputs()
    batch = batch_with(rated=[0, 1, 2], shared=[3], felt=[0, 3])
    halves = [
        joint_loss_sums(
            {task: out[rows] for task, out in logits.items()},
            {name: values[rows] for name, values in batch.items()},
            variance=2.0,
        )
        for rows in (slice(0, 2), slice(2, 4))
    ]
    for name, whole in joint_losses(logits, batch, variance=2.0).items():
        total = sum(half[name].total.item() for half in halves)
        count = sum(half[name].count.item() for half in halves)
        assert total / count == pytest.approx(whole.item(), rel=1e-6)


def test_labels_are_counted_without_a_network_as_the_losses_count_them():
    batch = batch_with(rated=[0, 1, 2], shared=[3], felt=[0, 3])
    batch["emotion_weight"] *= 0.3
    sums = joint_loss_sums(network_outputs(), batch, variance=1.0)
    counted = {name: count.item() for name, count in label_counts(batch).items()}
    assert counted == {name: part.count.item() for name, part in sums.items()}
    assert counted == pytest.approx({"aesthetic_mean": 3, "level_shares": 1, "emotion": 0.6})


def test_other_questions_are_counted_from_the_middle_of_the_scale_and_missing_ones_left_out():
    outputs = torch.tensor([[0.5, -1.0], [2.0, 0.0]])  # 6 and 4.5; 7.5 and 5.5
    rated = torch.tensor([[7.0, NAN], [7.5, 2.5]])
    loss = attribute_sum(outputs, rated, variance=2.0)
    assert loss.count.item() == 3
    assert loss.mean().item() == pytest.approx((1**2 + 0 + 3**2) / 2 / 3)


def test_without_an_answer_other_questions_add_nothing_to_loss_or_gradient():
    outputs = random_logits(3, 2)
    attribute_sum(outputs, torch.full((3, 2), NAN), variance=1.0).mean().backward()
    assert outputs.grad is not None
    assert outputs.grad.abs().max() == 0
