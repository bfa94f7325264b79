"""Lightning's trainer as runs use it."""

import logging
import warnings
from pathlib import Path

import lightning
from lightning.pytorch.callbacks import Callback, ModelCheckpoint, RichProgressBar
from lightning.pytorch.loggers import TensorBoardLogger

from iae.config import TrainConfig
from iae.train.keep import RESUME, KeepModels, WholeCheckpoints


def build_trainer(
    config: TrainConfig, out: Path, keeper: KeepModels, device: str, show_bar: bool
) -> lightning.Trainer:
    """One process on one device. Steps, clipping and division into pieces are the module's."""
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)  # it advertises
    resume_state = ModelCheckpoint(
        out, filename=RESUME.removesuffix(".ckpt"), enable_version_counter=False,
        save_top_k=1, every_n_epochs=1, save_on_train_epoch_end=True,
    )  # fmt: skip
    keep: list[Callback] = [keeper, resume_state]
    return lightning.Trainer(
        accelerator=device,
        devices=1,
        max_epochs=config.epochs,
        precision=config.precision,
        callbacks=[*keep, RichProgressBar()] if show_bar else keep,
        plugins=[WholeCheckpoints()],
        enable_progress_bar=show_bar,
        enable_model_summary=False,
        logger=TensorBoardLogger(out, name="tensorboard", version=""),
        log_every_n_steps=20,
        num_sanity_val_steps=0,
    )


def silence_lightning() -> None:
    """Hints of Lightning about loader workers (none are needed here) would hide our own lines."""
    warnings.filterwarnings("ignore", message=".*does not have many workers.*")
    warnings.filterwarnings("ignore", message=".*Checkpoint directory .* exists and is not empty.*")
    warnings.filterwarnings("ignore", message=".*number of training batches.*")
    warnings.filterwarnings("ignore", message=".*eval mode at the start.*")  # the normalisation
    warnings.filterwarnings("ignore", message=".*LeafSpec.* is deprecated.*")  # its use of torch
