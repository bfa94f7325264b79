"""Lightning's trainer as runs use it."""

import logging
import warnings
from pathlib import Path
from typing import Any

import lightning
from lightning.pytorch.callbacks import Callback, ModelCheckpoint, RichProgressBar
from lightning.pytorch.loggers import TensorBoardLogger

from iae.config import TrainConfig
from iae.train.keep import RESUME, KeepModels, WholeCheckpoints
from iae.train.share import Share


def build_trainer(
    config: TrainConfig, out: Path, keeper: KeepModels, device: str, show_bar: bool, share: Share
) -> lightning.Trainer:
    """One process on one device. Steps, clipping and division into pieces are the module's.

    So is what several processes have to tell each other; to Lightning each is alone. All but the
    first keep and show nothing.
    """
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)  # it advertises
    logging.getLogger("lightning.fabric").setLevel(logging.WARNING)
    if not share.is_first:
        return lightning.Trainer(
            **_same_in_all(config, device, share), logger=False, enable_checkpointing=False,
            enable_progress_bar=False,
        )  # fmt: skip
    resume_state = ModelCheckpoint(
        out, filename=RESUME.removesuffix(".ckpt"), enable_version_counter=False,
        save_top_k=1, every_n_epochs=1, save_on_train_epoch_end=True,
    )  # fmt: skip
    keep: list[Callback] = [keeper, resume_state]
    return lightning.Trainer(
        **_same_in_all(config, device, share),
        callbacks=[*keep, RichProgressBar()] if show_bar else keep,
        plugins=[WholeCheckpoints()],
        enable_progress_bar=show_bar,
        logger=TensorBoardLogger(out, name="tensorboard", version=""),
        log_every_n_steps=20,
    )


def _same_in_all(config: TrainConfig, device: str, share: Share) -> dict[str, Any]:
    return {
        "accelerator": device,
        "devices": [share.rank] if device == "cuda" and share.count > 1 else 1,
        "max_epochs": config.epochs,
        "precision": config.precision,
        "enable_model_summary": False,
        "num_sanity_val_steps": 0,
    }


def silence_lightning() -> None:
    """Hints of Lightning about loader workers (none are needed here) would hide our own lines."""
    warnings.filterwarnings("ignore", message=".*does not have many workers.*")
    warnings.filterwarnings("ignore", message=".*Checkpoint directory .* exists and is not empty.*")
    warnings.filterwarnings("ignore", message=".*number of training batches.*")
    # Processes after the first keep no models, and so take up nothing of what that did.
    warnings.filterwarnings("ignore", message=".*callbacks used to create the checkpoint.*")
    # What is logged is summed over processes already.
    warnings.filterwarnings("ignore", message=".*sync_dist=True.*")
    warnings.filterwarnings("ignore", message=".*eval mode at the start.*")  # the normalisation
    warnings.filterwarnings("ignore", message=".*LeafSpec.* is deprecated.*")  # its use of torch
