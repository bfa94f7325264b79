"""Balanced gradients: of pieces, of processes, of absent tasks, in half precision."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
import toy_step
from torch import Tensor
from toy_step import METHODS, STEPS, TASKS, ToyTraining, take_steps, toy_batch

from iae.errors import ConfigError
from iae.nn.balance.build import build_balance
from iae.nn.balance.fixed import Fixed
from iae.nn.losses import joint_loss_sums, joint_losses, label_counts
from iae.train.backward import BalancedBackward, DivergedError, pieces_of, shared_and_own

every_method = pytest.mark.parametrize("method", METHODS)


def plain_gradients(
    training: ToyTraining, batch: Mapping[str, Tensor], weights: Mapping[str, float]
) -> Tensor:
    """Torch's gradient of the weighted sum of the parts' means, flat."""
    parts = joint_losses(training.net(batch["pixels"]), batch, variance=2.0)
    loss = torch.stack([weights[name] * part for name, part in parts.items()]).sum()
    return torch.cat([g.flatten() for g in torch.autograd.grad(loss, training.net.parameters())])


ALL_PARTS = {"aesthetic_mean": 1.0, "level_shares": 5.0, "emotion": 2.0}


def test_fixed_weights_give_torchs_gradient_of_the_weighted_sum():
    training = ToyTraining("fixed")
    training.gradients(toy_batch(0))
    expected = plain_gradients(training, toy_batch(0), ALL_PARTS)
    torch.testing.assert_close(training.flat_gradient(), expected)


@every_method
def test_one_task_gets_its_plain_gradient(method: str):
    training = ToyTraining(method, {"emotion": {"emotion": 2.0}})
    training.gradients(toy_batch(0))
    expected = plain_gradients(
        training, toy_batch(0), {"aesthetic_mean": 0.0, "level_shares": 0.0, "emotion": 2.0}
    )
    torch.testing.assert_close(training.flat_gradient(), expected)


@every_method
def test_two_pieces_of_a_batch_have_the_gradient_of_the_whole(method: str):
    whole, pieces = take_steps(method), take_steps(method, pieces=2)
    assert_same_steps(pieces, whole)


def assert_same_steps(found: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> None:
    """Up to the rounding of sums in another order, which four steps carry on."""
    assert len(found["gradients"]) == STEPS
    torch.testing.assert_close(found["losses"], expected["losses"])
    error = (found["gradients"] - expected["gradients"]).norm(dim=1)  # of each step
    assert (error < 1e-5 * expected["gradients"].norm(dim=1)).all()


@pytest.mark.parametrize("method", METHODS[1:])
def test_the_toy_steps_are_such_that_balancing_makes_a_difference(method: str):
    balanced, plain = take_steps(method)["gradients"], take_steps("fixed")["gradients"]
    assert (balanced[-1] - plain[-1]).norm() > 0.05 * plain[-1].norm()


def test_the_mean_of_two_pieces_gradients_would_not_be_the_gradient_of_the_whole():
    """What the toy batches are for: were labels spread evenly, the wrong way would pass as well."""
    training, batch = ToyTraining("fixed"), toy_batch(0)
    halves = [plain_gradients(training, piece, ALL_PARTS) for piece in pieces_of(batch, 2)]
    whole = plain_gradients(training, batch, ALL_PARTS)
    assert (sum(halves) / 2 - whole).norm() > 0.1 * whole.norm()


@every_method
def test_a_task_without_labels_takes_no_part(method: str):
    both, alone = ToyTraining(method), ToyTraining(method, {"aesthetic": TASKS["aesthetic"]})
    without_emotion = toy_batch(2)
    result = both.gradients(without_emotion)
    alone.gradients(without_emotion)
    assert result.tasks.keys() == {"aesthetic"}
    assert result.parts.keys() == {"aesthetic_mean", "level_shares"}
    torch.testing.assert_close(both.flat_gradient(), alone.flat_gradient())
    for parameter in both.net.heads["emotion"].parameters():
        assert parameter.grad is not None
        assert (parameter.grad == 0).all()


@every_method
def test_a_batch_without_any_label_has_gradient_zero_and_changes_no_weight(method: str):
    training, batch = ToyTraining(method), toy_batch(2)
    training.gradients(toy_batch(0))
    before = repr(training.balance.state_dict())
    batch["mean"][:], batch["shares"][:] = torch.nan, torch.nan
    result = training.gradients(batch)
    assert result.tasks == result.parts == {}
    assert (training.flat_gradient() == 0).all()
    assert repr(training.balance.state_dict()) == before


@pytest.mark.parametrize("method", ["pcgrad", "upgrad"])
def test_only_shared_gradients_are_combined_and_heads_keep_their_own(method: str):
    training, batch = ToyTraining(method), toy_batch(0)
    training.gradients(batch)
    plain = plain_gradients(training, batch, ALL_PARTS)
    shared, own = shared_and_own(training.net, training.net(toy_batch(0)["pixels"]))
    size = sum(p.numel() for p in shared)
    found = training.flat_gradient()
    assert len(found) == size + sum(p.numel() for p in own)
    torch.testing.assert_close(found[size:], plain[size:])
    assert (found[:size] - plain[:size]).norm() > 1e-3 * plain[:size].norm()


def test_upgrad_leaves_no_task_worse_off_than_before_the_step():
    training, batch = ToyTraining("upgrad"), toy_batch(0)
    training.gradients(batch)
    found = training.flat_gradient()
    none = dict.fromkeys(ALL_PARTS, 0.0)
    for weights in ({"aesthetic_mean": 1.0, "level_shares": 5.0}, {"emotion": 2.0}):
        task = plain_gradients(training, batch, {**none, **weights})
        assert found @ task > -1e-3 * found.norm() * task.norm()


def test_gradnorm_measures_the_last_shared_weight_of_the_joined_batch(
    monkeypatch: pytest.MonkeyPatch,
):
    training, batch = ToyTraining("gradnorm"), toy_batch(0)
    seen: dict[str, float] = {}
    monkeypatch.setattr(training.balance, "observe", lambda losses, norms: seen.update(norms))
    training.gradients(batch, pieces=2)
    parts = joint_losses(training.net(batch["pixels"]), batch, variance=2.0)
    for task, weights in TASKS.items():
        loss = torch.stack([w * parts[name] for name, w in weights.items()]).sum()
        (gradient,) = torch.autograd.grad(loss, [training.net.body.weight], retain_graph=True)
        assert seen[task] == pytest.approx(gradient.norm().item(), rel=1e-5)


@every_method
def test_a_resumed_run_takes_the_same_steps(method: str):
    uninterrupted, interrupted = ToyTraining(method), ToyTraining(method)
    for step in range(6):
        uninterrupted.step(toy_batch(step))
    for step in range(3):
        interrupted.step(toy_batch(step))
    resumed = ToyTraining(method)
    resumed.net.load_state_dict(interrupted.net.state_dict())
    resumed.balance.load_state_dict(interrupted.balance.state_dict())
    for step in range(3, 6):
        resumed.step(toy_batch(step))
    assert torch.equal(resumed.flat_gradient(), uninterrupted.flat_gradient())


@every_method
@pytest.mark.parametrize("pieces", [1, 2])
def test_in_bf16_the_gradient_stays_close(method: str, pieces: int):
    full, half = ToyTraining(method), ToyTraining(method)
    for step in range(3):
        full.gradients(toy_batch(step))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            half.gradients(toy_batch(step), pieces)
        assert half.flat_gradient().dtype == torch.float32
        error = (half.flat_gradient() - full.flat_gradient()).norm()
        assert error < 0.05 * full.flat_gradient().norm()


@pytest.mark.parametrize("method", ["pcgrad", "upgrad"])
def test_under_autocast_only_the_network_is_in_half_precision(method: str):
    outside, inside = ToyTraining(method), ToyTraining(method)
    batch = toy_batch(0)

    def losses(training: ToyTraining, piece: Mapping[str, Tensor]):
        with torch.autocast("cpu", enabled=False):
            return joint_loss_sums(training.net(piece["pixels"]), piece, variance=2.0)

    outside.backward([batch], lambda piece: losses(outside, piece), label_counts(batch))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside.backward([batch], lambda piece: losses(inside, piece), label_counts(batch))
    assert torch.equal(inside.flat_gradient(), outside.flat_gradient())


def test_gradients_lie_in_memory_as_their_parameters_do():
    training = ToyTraining("fixed")
    training.net.to(memory_format=torch.channels_last)
    training.gradients(toy_batch(0))
    expected = plain_gradients(ToyTraining("fixed"), toy_batch(0), ALL_PARTS)
    torch.testing.assert_close(training.flat_gradient(), expected)
    stem = training.net.stem.weight
    assert stem.grad is not None
    assert stem.grad.stride() == stem.stride()
    assert not stem.is_contiguous()


def test_frozen_parameters_get_no_gradient():
    training = ToyTraining("fixed")
    training.net.stem.requires_grad_(False)
    backward = BalancedBackward(
        training.balance, TASKS, *shared_and_own(training.net, training.net(toy_batch(0)["pixels"]))
    )
    backward([toy_batch(0)], training.losses, label_counts(toy_batch(0)))
    assert training.net.stem.weight.grad is None
    assert training.net.body.weight.grad is not None


@every_method
def test_with_the_whole_backbone_frozen_the_heads_are_trained(method: str):
    training = ToyTraining("fixed")
    training.net.stem.requires_grad_(False)
    training.net.body.requires_grad_(False)
    balance = build_balance(method, list(TASKS))  # type: ignore[arg-type]
    if method == "gradnorm":
        with pytest.raises(ConfigError, match="no shared layer is trained; freeze less"):
            BalancedBackward(
                balance, TASKS, *shared_and_own(training.net, training.net(toy_batch(0)["pixels"]))
            )
        return
    backward = BalancedBackward(
        balance, TASKS, *shared_and_own(training.net, training.net(toy_batch(0)["pixels"]))
    )
    backward([toy_batch(0)], training.losses, label_counts(toy_batch(0)))
    expected = plain_gradients_of_heads(training)
    torch.testing.assert_close(training.flat_gradient(), expected)


def plain_gradients_of_heads(training: ToyTraining) -> Tensor:
    twin = ToyTraining("fixed")
    heads = sum(p.numel() for p in training.net.heads.parameters())
    return plain_gradients(twin, toy_batch(0), ALL_PARTS)[-heads:]


@every_method
def test_a_loss_that_is_no_number_stops_the_step_and_changes_nothing(method: str):
    training, batch = ToyTraining(method), toy_batch(1)
    training.gradients(toy_batch(0))
    gradient, state = training.flat_gradient(), repr(training.balance.state_dict())
    batch["emotion"][4] = torch.nan
    with pytest.raises(DivergedError, match=r"not finite any more: emotion = nan; lower train.lr"):
        training.gradients(batch)
    assert torch.equal(training.flat_gradient(), gradient)
    assert repr(training.balance.state_dict()) == state


def test_a_label_weight_that_is_no_number_is_not_taken_for_an_absent_task():
    batch = toy_batch(0)
    batch["emotion_weight"][0] = torch.nan
    with pytest.raises(DivergedError, match="emotion = nan"):
        ToyTraining("fixed").gradients(batch)


def test_a_gradient_that_is_no_number_stops_the_step():
    training = ToyTraining("upgrad")
    hook = training.net.body.weight.register_hook(lambda gradient: gradient * torch.nan)
    with pytest.raises(DivergedError, match="a gradient is not"):
        training.gradients(toy_batch(0))
    hook.remove()


@pytest.mark.parametrize(
    ("tasks", "message"),
    [
        (
            {"emotion": {"emotion": 1.0}},
            "the balance is of aesthetic, mood, but the tasks are emotion",
        ),
        ({**TASKS, "mood": {"emotion": -1.0}}, "must not be negative"),
        ({**TASKS, "mood": {"emotion": 0.0}}, "the loss of mood has no weight; leave"),
    ],
)
def test_tasks_that_cannot_be_balanced_are_refused(tasks: dict, message: str):
    with pytest.raises(ConfigError, match=message):
        ToyTraining(Fixed(list(TASKS)), tasks)


def test_a_batch_is_cut_into_pieces_none_of_which_is_empty():
    batch = {"pixels": torch.arange(5), "mean": torch.arange(5)}
    assert [piece["mean"].tolist() for piece in pieces_of(batch, 2)] == [[0, 1, 2], [3, 4]]
    assert [len(piece["pixels"]) for piece in pieces_of(batch, 9)] == [1] * 5


# Two processes

Steps = dict[str, Tensor]


@pytest.fixture(scope="module")
def two_processes(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Steps]]:
    """What two processes found, each with half of every batch; by rank, "method/pieces"."""
    folder: Path = tmp_path_factory.mktemp("two_processes")
    program = subprocess.run(
        [sys.executable, toy_step.__file__, "2", str(folder)],
        timeout=180, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert program.returncode == 0, program.stderr
    return [torch.load(folder / f"{rank}.pt", weights_only=True) for rank in range(2)]


@every_method
@pytest.mark.parametrize("pieces", [1, 2])
def test_two_processes_with_half_a_batch_each_are_one_with_the_joined_batch(
    two_processes: list[dict[str, Steps]], method: str, pieces: int
):
    alone = take_steps(method)
    for rank in range(2):
        assert_same_steps(two_processes[rank][f"{method}/{pieces}"], alone)


@every_method
def test_two_processes_come_to_the_very_same_gradients(
    two_processes: list[dict[str, Steps]], method: str
):
    first, second = (found[f"{method}/1"]["gradients"] for found in two_processes)
    assert torch.equal(first, second)
