"""Methods that combine gradients, against their papers' algorithms and what they claim."""

import itertools

import numpy as np
import pytest
import torch
from torch import Tensor
from torchjd.aggregation import UPGrad as TorchJDUPGrad

from iae.errors import MissingExtraError
from iae.nn.balance.build import build_balance
from iae.nn.balance.method import GradientCombination, gramian
from iae.nn.balance.pcgrad import PCGrad, surgery
from iae.nn.balance.upgrad import UPGrad

SEEDS = range(12)


def random_gradients(seed: int, tasks: int = 3, size: int = 5) -> dict[str, Tensor]:
    """Gradients that differ in length up to a thousandfold; most of them conflict."""
    generator = torch.Generator().manual_seed(seed)
    rows = torch.randn(tasks, size, generator=generator, dtype=torch.float64)
    lengths = 10 ** (3 * torch.rand(tasks, 1, generator=generator, dtype=torch.float64) - 2)
    return {f"task {i}": row for i, row in enumerate(rows * lengths)}


def method(name: str, gradients: dict[str, Tensor]) -> GradientCombination:
    balance = build_balance(name, list(gradients))  # type: ignore[arg-type]
    assert isinstance(balance, GradientCombination)
    return balance


def combined(name: str, gradients: dict[str, Tensor]) -> Tensor:
    return method(name, gradients).combine(gradients)


every_combination = pytest.mark.parametrize("name", ["pcgrad", "upgrad"])


def test_the_gramian_holds_the_inner_products():
    rows = list(random_gradients(0).values())
    matrix = torch.stack(rows)
    torch.testing.assert_close(gramian(rows), matrix @ matrix.T)


@every_combination
def test_the_gradient_of_one_task_is_left_as_it_is(name: str):
    alone = {"emotion": torch.tensor([1.0, -2.0, 3.0])}
    torch.testing.assert_close(combined(name, alone), alone["emotion"])


@every_combination
def test_gradients_that_agree_are_summed(name: str):
    agreeing = {"a": torch.tensor([1.0, 2.0]), "b": torch.tensor([3.0, -1.0]),
                "c": torch.tensor([0.5, 0.1])}  # fmt: skip
    torch.testing.assert_close(combined(name, agreeing), torch.tensor([4.5, 1.1]))


@every_combination
def test_between_two_tasks_each_loses_what_points_against_the_other(name: str):
    # Worked by hand: (1, 0) without its part along (-1, 1) is (.5, .5); (-1, 1) without its part
    # along (1, 0) is (0, 1). For two tasks, both methods are this.
    conflict = {"a": torch.tensor([1.0, 0.0]), "b": torch.tensor([-1.0, 1.0])}
    torch.testing.assert_close(
        combined(name, conflict), torch.tensor([0.5, 1.5]), rtol=1e-3, atol=1e-3
    )


@every_combination
@pytest.mark.parametrize("seed", SEEDS)
def test_the_result_scales_with_the_gradients(name: str, seed: int):
    gradients = random_gradients(seed)
    tiny = {task: row * 1e-6 for task, row in gradients.items()}
    torch.testing.assert_close(combined(name, tiny) * 1e6, combined(name, gradients))


@every_combination
def test_a_gradient_of_zero_changes_nothing(name: str):
    two = random_gradients(1, tasks=2)
    with_zero = {**two, "idle": torch.zeros(5, dtype=torch.float64)}
    torch.testing.assert_close(combined(name, with_zero), combined(name, two))


@every_combination
def test_gradients_that_are_all_zero_give_zero(name: str):
    assert combined(name, {"a": torch.zeros(3), "b": torch.zeros(3)}).tolist() == [0, 0, 0]


@every_combination
def test_a_network_without_shared_parameters_has_an_empty_gradient(name: str):
    assert combined(name, {"a": torch.zeros(0), "b": torch.zeros(0)}).shape == (0,)


@every_combination
def test_opposite_gradients_cancel(name: str):
    g = torch.tensor([1.0, 2.0, -1.0])
    assert combined(name, {"a": g, "b": -g}).abs().max() < 1e-3


@every_combination
def test_gradients_are_not_changed_in_place(name: str):
    gradients = random_gradients(3)
    before = {task: row.clone() for task, row in gradients.items()}
    combined(name, gradients)
    assert all(torch.equal(gradients[task], before[task]) for task in gradients)


# PCGrad


def literal_surgery(gradients: list[Tensor], orders: list[tuple[int, ...]]) -> Tensor:
    """Algorithm 1 of Yu et al. 2020, as it is written."""
    result = []
    for i, order in enumerate(orders):
        g_pc = gradients[i].clone()
        for j in order:
            if j != i and g_pc @ gradients[j] < 0:
                g_pc = g_pc - (g_pc @ gradients[j]) / gradients[j].norm() ** 2 * gradients[j]
        result.append(g_pc)
    return torch.stack(result).sum(dim=0)


@pytest.mark.parametrize("seed", SEEDS)
def test_surgery_on_coefficients_is_that_of_the_paper_on_gradients_in_any_order(seed: int):
    rows = list(random_gradients(seed).values())
    for orders in itertools.product(itertools.permutations(range(3)), repeat=3):
        ours = surgery(gramian(rows), orders) @ torch.stack(rows)
        torch.testing.assert_close(ours, literal_surgery(rows, list(orders)))


def test_the_order_of_surgery_changes_from_step_to_step_and_depends_on_the_seed_only():
    gradients = next(g for seed in range(100) if order_matters(g := random_gradients(seed)))

    def steps(seed: int) -> list[list[float]]:
        balance = PCGrad(list(gradients), seed=seed)
        return [balance.combine(gradients).tolist() for _ in range(10)]

    assert steps(0) == steps(0)
    assert steps(0) != steps(1)
    assert len({tuple(step) for step in steps(0)}) > 1


def order_matters(gradients: dict[str, Tensor]) -> bool:
    g = gramian(list(gradients.values()))
    return not torch.allclose(surgery(g, [(0, 1, 2)] * 3), surgery(g, [(2, 1, 0)] * 3))


def test_surgery_resumed_from_its_state_goes_on_with_the_same_orders():
    gradients = next(g for seed in range(100) if order_matters(g := random_gradients(seed)))
    balance, resumed = PCGrad(list(gradients), seed=4), PCGrad(list(gradients), seed=4)
    for _ in range(7):
        balance.combine(gradients)
    resumed.load_state_dict(balance.state_dict())
    for _ in range(7):
        assert torch.equal(balance.combine(gradients), resumed.combine(gradients))


# UPGrad


def smallest_cosine(result: Tensor, gradients: dict[str, Tensor]) -> float:
    return min((result @ g / (result.norm() * g.norm())).item() for g in gradients.values())


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("tasks", [2, 3, 5])
def test_the_result_of_upgrad_conflicts_with_no_task(seed: int, tasks: int):
    gradients = random_gradients(seed, tasks, size=8)
    assert smallest_cosine(combined("upgrad", gradients), gradients) > -1e-3


def test_upgrad_heeds_a_task_a_thousand_times_weaker_than_the_other():
    gradients = {"strong": torch.tensor([1000.0, 0.0]), "weak": torch.tensor([-0.9, 0.4])}
    plain_sum = gradients["strong"] + gradients["weak"]
    assert smallest_cosine(plain_sum, gradients) < -0.9
    assert smallest_cosine(combined("upgrad", gradients), gradients) > -1e-3


def test_upgrad_projects_gradients_that_have_become_small_as_it_projects_large_ones():
    # TorchJD by itself takes them for 0 and projects nothing.
    small = {"a": torch.tensor([1e-3, 0.0]), "b": torch.tensor([-3e-3, 1e-3])}
    theirs = TorchJDUPGrad()(torch.stack(list(small.values())))
    assert smallest_cosine(theirs, small) < -0.5
    assert smallest_cosine(combined("upgrad", small), small) > -1e-3


@pytest.mark.parametrize("seed", SEEDS)
def test_upgrad_is_torchjds_where_the_gradients_are_of_similar_length(seed: int):
    rows = {task: row / row.norm() * (1 + i / 4)
            for i, (task, row) in enumerate(random_gradients(seed).items())}  # fmt: skip
    # TorchJD's default is the mean of the projected gradients, ours is their sum.
    theirs = len(rows) * TorchJDUPGrad()(torch.stack(list(rows.values())))
    torch.testing.assert_close(combined("upgrad", rows), theirs, rtol=5e-3, atol=5e-3)


@pytest.mark.parametrize("seed", SEEDS)
def test_upgrad_is_the_sum_of_the_nearest_harmless_directions(seed: int):
    """Against scipy's least squares with non-negative coefficients (Moreau's decomposition)."""
    from scipy.optimize import nnls

    rows = list(random_gradients(seed).values())
    cone = torch.stack([row / row.norm() for row in rows]).T.numpy()
    # The part of g in the polar cone of {d: <d, g_k> >= 0 for all k} is -Σ c_k g_k with c >= 0.
    expected = sum(row.numpy() + cone @ nnls(cone, -row.numpy())[0] for row in rows)
    ours = combined("upgrad", dict(zip("abc", rows, strict=True))).numpy()
    scale = max(row.norm().item() for row in rows)
    np.testing.assert_allclose(ours / scale, expected / scale, atol=3e-3)


def test_upgrad_does_not_depend_on_the_order_of_the_tasks():
    gradients = random_gradients(5)
    turned = dict(reversed(gradients.items()))
    torch.testing.assert_close(combined("upgrad", turned), combined("upgrad", gradients))


def test_upgrad_has_a_state_that_names_its_tasks():
    balance = UPGrad(["a", "b"])
    state = balance.state_dict()
    balance.load_state_dict(state)
    assert state == {"method": "UPGrad", "tasks": ["a", "b"]}


def test_upgrad_without_its_solver_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    def without_solver() -> None:
        raise ImportError("QuadprogProjector requires ['qpsolvers', 'quadprog'] to be installed.")

    monkeypatch.setattr("iae.nn.balance.upgrad.UPGradWeighting", without_solver)
    with pytest.raises(
        MissingExtraError, match=r"balancing by UPGrad .* pip install 'iae\[train\]'"
    ):
        UPGrad(["a", "b"])
