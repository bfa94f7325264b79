"""Training with fixed weights is the plain loop that anybody would write."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from toy_runs import Train, weights

from iae.config import ExperimentConfig
from iae.nn.losses import joint_losses, weighted_sum
from iae.train.initial import initial_network, preprocess_spec
from iae.train.prepare import prepare

EPOCHS = 2


def plain_weights(
    config: ExperimentConfig, roots: dict[str, Path], cache: Path
) -> dict[str, torch.Tensor]:
    """The moving average after a loop with one backward pass a step through the weighted sum."""
    spec, settings = preprocess_spec(config), config.train
    data = prepare(config, roots, spec, cache, report=print, progress=lambda done, total: None)
    photos = data.photos["train"]
    torch.manual_seed(settings.seed)
    net = initial_network(config, spec)
    named = [(name.startswith("heads."), p.ndim > 1, p) for name, p in net.named_parameters()]
    groups = [
        {"params": [p for h, m, p in named if (h, m) == (is_head, is_matrix)],
         "lr": settings.lr * (settings.head_lr_factor if is_head else 1),
         "weight_decay": settings.weight_decay * is_matrix}
        for is_head, is_matrix in ((False, True), (False, False), (True, True), (True, False))
    ]  # fmt: skip
    optimizer = torch.optim.AdamW(groups, lr=settings.lr)
    peaks = [group["lr"] for group in optimizer.param_groups]
    per_epoch = math.ceil(len(photos) / settings.batch_size)
    warmup = max(1, round(EPOCHS * per_epoch * settings.warmup))
    average: dict[str, torch.Tensor] = {}
    for step in range(EPOCHS * per_epoch):
        order = np.random.default_rng([settings.seed, step // per_epoch]).permutation(len(photos))
        places = order[settings.batch_size * (step % per_epoch) :][: settings.batch_size]
        batch = photos.__getitems__(places)
        torch.manual_seed((settings.seed << 32) + step)
        mirrored = np.random.default_rng([settings.seed, step]).random(len(places)) < 0.5
        batch["pixels"][mirrored] = batch["pixels"][mirrored].flip(2)
        loss = weighted_sum(
            joint_losses(net(batch["pixels"]), batch, variance=data.variance), config.loss
        )
        optimizer.zero_grad()
        loss.backward()
        done = (step - warmup) / (EPOCHS * per_epoch - warmup)
        factor = (step + 1) / warmup if step < warmup else (1 + math.cos(math.pi * done)) / 2
        for group, peak in zip(optimizer.param_groups, peaks, strict=True):
            group["lr"] = peak * factor
        torch.nn.utils.clip_grad_norm_(net.parameters(), settings.gradient_clip)
        optimizer.step()
        decay = settings.ema_decay
        state = {name: p.detach().clone() for name, p in net.named_parameters()}
        average = {name: value * decay + state[name] * (1 - decay)
                   for name, value in average.items()} or state  # fmt: skip
    return average


def test_fixed_weights_train_like_a_plain_loop(
    train_toys: Train,
    config: ExperimentConfig,
    toy_roots: dict[str, Path],
    toy_cache: Path,
    tmp_path: Path,
):
    settings = replace(config, train=replace(config.train, probe_epochs=0, epochs=EPOCHS))
    train_toys(tmp_path / "run", settings)
    found = weights(tmp_path / "run")
    expected = plain_weights(settings, toy_roots, toy_cache)
    start = initial_network(settings, preprocess_spec(settings)).state_dict()
    for name, value in expected.items():
        # What is left is the order in which the norm of the gradient is added up.
        torch.testing.assert_close(found[name], value, rtol=1e-5, atol=1e-6, msg=name)
    assert not found["heads.emotion.weight"].allclose(start["heads.emotion.weight"], atol=1e-3)
