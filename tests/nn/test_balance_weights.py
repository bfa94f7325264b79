"""Methods that weigh losses, against formulas worked by hand and torch's own optimizer."""

import copy
import io
import math

import pytest
import torch

from iae.errors import CheckpointError, ConfigError
from iae.nn.balance.build import build_balance
from iae.nn.balance.dwa import DynamicWeightAverage
from iae.nn.balance.fixed import Fixed
from iae.nn.balance.gradnorm import GradNorm
from iae.nn.balance.method import Balance, LossWeighting
from iae.nn.balance.uncertainty import Uncertainty

TASKS = ("aesthetic", "emotion")
NO_NORMS: dict[str, float] = {}


def weights_after(balance: LossWeighting, *losses: tuple[float, float]) -> list[float]:
    """Weights of both tasks after steps with these losses."""
    for pair in losses:
        balance.observe(dict(zip(TASKS, pair, strict=True)), NO_NORMS)
    return list(balance.weights(TASKS).values())


def test_fixed_weights_are_one_whatever_the_losses():
    assert weights_after(Fixed(TASKS), (9.0, 0.1)) == [1, 1]


# Uncertainty


def test_uncertainty_begins_with_the_plain_sum():
    assert weights_after(Uncertainty(TASKS)) == [1, 1]


def test_the_optimum_of_uncertainty_is_the_inverse_of_the_loss():
    weights = weights_after(Uncertainty(TASKS, learning_rate=0.05), *[(4.0, 0.25)] * 2000)
    assert weights == pytest.approx([1 / 4, 4], rel=1e-3)  # that is, s = log(loss)


def test_uncertainty_learns_as_if_its_variances_were_in_the_sum_and_torch_differentiated_it():
    balance = Uncertainty(TASKS, learning_rate=0.025)
    s = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    adam = torch.optim.Adam([s], lr=0.025)
    for step in range(50):
        losses = [2 + math.sin(step), 0.1 + step / 100]
        adam.zero_grad()
        ((-s).exp() * torch.tensor(losses, dtype=torch.float64) + s).sum().backward()
        adam.step()
        weights = weights_after(balance, (losses[0], losses[1]))
    assert weights == pytest.approx((-s).exp().tolist(), rel=1e-9)


def test_uncertainty_of_a_loss_that_stays_zero_stays_finite():
    weights = weights_after(Uncertainty(TASKS, learning_rate=0.5), *[(0.0, 1.0)] * 100)
    assert weights == pytest.approx([math.exp(10), 1])


# Dynamic weight average


def test_dynamic_weights_are_one_until_two_periods_are_over():
    balance = DynamicWeightAverage(TASKS, period=2)
    assert weights_after(balance, (8.0, 1.0), (4.0, 1.0), (1.0, 1.0)) == [1, 1]


def test_dynamic_weights_are_those_of_the_formula():
    # Mean losses of the periods: 6 and 1, then 3 and 1; ratios 0.5 and 1, temperature 2.
    balance = DynamicWeightAverage(TASKS, period=2, temperature=2.0)
    weights = weights_after(balance, (8.0, 1.0), (4.0, 1.0), (3.0, 0.5), (3.0, 1.5))
    total = math.exp(0.25) + math.exp(0.5)
    assert weights == pytest.approx([2 * math.exp(0.25) / total, 2 * math.exp(0.5) / total])


def test_dynamic_weights_compare_the_last_two_periods_only():
    balance = DynamicWeightAverage(TASKS, period=1)
    weights = weights_after(balance, (100.0, 1.0), (2.0, 2.0), (1.0, 1.0))
    assert weights == pytest.approx([1, 1])


def test_a_task_unseen_for_a_whole_period_keeps_its_dynamic_weight():
    seen, unseen = (DynamicWeightAverage(TASKS, period=1) for _ in range(2))
    before = weights_after(unseen, (4.0, 4.0), (2.0, 4.0))
    unseen.observe({"emotion": 4.0}, NO_NORMS)
    assert weights_after(unseen) == before == weights_after(seen, (4.0, 4.0), (2.0, 4.0))


def test_a_loss_that_explodes_or_is_zero_has_a_dynamic_weight():
    balance = DynamicWeightAverage(TASKS, period=1)
    assert weights_after(balance, (1e-9, 0.0), (1e9, 0.0)) == pytest.approx([2, 0])


# GradNorm


def gradnorm_after(
    balance: GradNorm, losses: tuple[float, float], norms: tuple[float, float]
) -> list[float]:
    balance.observe(dict(zip(TASKS, losses, strict=True)), dict(zip(TASKS, norms, strict=True)))
    return list(balance.weights(TASKS).values())


def test_gradnorm_takes_the_first_step_that_is_worked_by_hand():
    # First step: relative losses are 1, so the target of both is the mean norm, 2. Task one is
    # above (3), task two below (1). Adam's first step is its rate: 1 -/+ .025; the sum stays 2.
    weights = gradnorm_after(GradNorm(TASKS, learning_rate=0.025), (5.0, 7.0), (3.0, 1.0))
    assert weights == pytest.approx([0.975, 1.025])


def test_gradnorm_descends_the_slope_that_torch_finds():
    balance = GradNorm(TASKS, alpha=1.5, learning_rate=0.02)
    w = torch.ones(2, dtype=torch.float64, requires_grad=True)
    adam = torch.optim.Adam([w], lr=0.02)
    first = torch.tensor([4.0, 1.0], dtype=torch.float64)
    for step in range(30):
        losses = first * torch.tensor([0.9**step, 0.99**step], dtype=torch.float64)
        norms = torch.tensor([3.0 - step / 20, 1.0 + step / 40], dtype=torch.float64)
        weighted = w * norms  # Algorithm 1 of the paper, line by line
        rate = (losses / first) / (losses / first).mean()
        target = (weighted.mean() * rate**1.5).detach()
        adam.zero_grad()
        (weighted - target).abs().sum().backward()
        adam.step()
        with torch.no_grad():
            w *= 2 / w.sum()
        ours = gradnorm_after(balance, tuple(losses.tolist()), tuple(norms.tolist()))
        assert ours == pytest.approx(w.tolist(), rel=1e-9)


def test_gradnorm_without_restoring_force_makes_the_weighted_norms_equal():
    balance = GradNorm(TASKS, alpha=0.0, learning_rate=0.01)
    for _ in range(500):
        weights = gradnorm_after(balance, (1.0, 1.0), (3.0, 1.0))
    assert weights[0] * 3 == pytest.approx(weights[1], rel=0.1)


def test_gradnorm_gives_more_weight_to_the_task_that_has_learned_less():
    balance = GradNorm(TASKS, alpha=1.5, learning_rate=0.01)
    gradnorm_after(balance, (1.0, 1.0), (1.0, 1.0))
    for _ in range(20):
        weights = gradnorm_after(balance, (0.1, 0.9), (1.0, 1.0))
    assert weights[0] < 1 < weights[1]


def test_weights_of_gradnorm_stay_positive_and_keep_their_sum():
    balance = GradNorm(TASKS, alpha=0.0, learning_rate=0.5)
    for _ in range(100):
        weights = gradnorm_after(balance, (1.0, 1.0), (1e6, 1e-6))
        assert min(weights) > 0
        assert sum(weights) == pytest.approx(2)


def test_gradnorm_of_losses_and_gradients_of_zero_keeps_its_weights():
    assert gradnorm_after(GradNorm(TASKS), (0.0, 0.0), (0.0, 0.0)) == [1, 1]


# All of them

WEIGHINGS = {
    "fixed": lambda: Fixed(TASKS),
    "uncertainty": lambda: Uncertainty(TASKS),
    "dwa": lambda: DynamicWeightAverage(TASKS, period=3),
    "gradnorm": lambda: GradNorm(TASKS),
}
every_weighing = pytest.mark.parametrize("name", WEIGHINGS)


def run(balance: Balance, steps: range) -> list[dict[str, dict[str, float]]]:
    """What a method wants differentiated, over steps in some of which the emotion is absent."""
    wanted = []
    for step in steps:
        present = TASKS if step % 4 else TASKS[:1]
        wanted.append(balance.passes(present))
        losses = {"aesthetic": 3 * 0.9**step, "emotion": 2 - step / 20}
        balance.observe({task: losses[task] for task in present},
                        {task: 1.0 + losses[task] ** 2 for task in present})  # fmt: skip
    return wanted


@every_weighing
def test_a_run_resumed_from_a_saved_state_goes_on_with_the_same_weights(name: str):
    balance = WEIGHINGS[name]()
    run(balance, range(10))
    file = io.BytesIO()
    torch.save(balance.state_dict(), file)
    uninterrupted = run(balance, range(10, 25))
    file.seek(0)
    resumed = WEIGHINGS[name]()
    resumed.load_state_dict(torch.load(file, weights_only=True))
    assert run(resumed, range(10, 25)) == uninterrupted


@every_weighing
def test_a_saved_state_is_not_changed_by_later_steps(name: str):
    balance = WEIGHINGS[name]()
    run(balance, range(10))
    state = balance.state_dict()
    before = copy.deepcopy(state)
    run(balance, range(10, 25))
    assert repr(state) == repr(before)


@every_weighing
def test_an_absent_task_keeps_its_weight(name: str):
    balance = WEIGHINGS[name]()
    run(balance, range(1, 10))
    before = balance.weights(TASKS)["emotion"]
    for _ in range(2):  # less than a period, in which the others' weights move as well
        balance.observe({"aesthetic": 0.3}, {"aesthetic": 2.0})
    assert balance.weights(TASKS)["emotion"] == pytest.approx(before, rel=1e-12)


def test_the_state_of_another_method_or_other_tasks_is_refused_and_both_are_named():
    state = Fixed(TASKS).state_dict()
    with pytest.raises(CheckpointError, match=r"saved balance is Fixed .* this run's is GradNorm"):
        GradNorm(TASKS).load_state_dict(state)
    with pytest.raises(CheckpointError, match=r"\['aesthetic', 'emotion'\].*\['quality'\]"):
        Fixed(["quality"]).load_state_dict(state)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Fixed([]), r"one or more different names, got \[\]"),
        (lambda: Fixed(["a", "a"]), r"different names, got \['a', 'a'\]"),
        (lambda: Uncertainty(TASKS, learning_rate=1.0), r"learning_rate must lie in \(0, 1\)"),
        (lambda: DynamicWeightAverage(TASKS, period=0), r"period must be at least 1 step, got 0"),
        (
            lambda: DynamicWeightAverage(TASKS, period=1, temperature=0.0),
            r"temperature must be positive, got 0.0",
        ),
        (lambda: GradNorm(TASKS, alpha=-1.0), r"alpha must not be negative, got -1.0"),
        (
            lambda: build_balance("pcgard", TASKS),  # type: ignore[arg-type]
            r"method must be one of fixed, .* upgrad, got 'pcgard'",
        ),
    ],
)
def test_a_setting_out_of_its_range_is_refused(make, message: str):
    with pytest.raises(ConfigError, match=message):
        make()
