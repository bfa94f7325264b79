"""The experiment file of a study: what ``iae train`` needs to learn the taste of its raters."""

import json
import shlex
from pathlib import Path

from iae.labels import EMOTIONS
from iae.study.questions import Question
from iae.study.records import StudyVotes

# Chosen for a few hundred photos: most of the pretrained network stays as it is, and averages of
# the weights look back over tens of steps and not over hundreds.
_SETTINGS = """
licence = "for yourself (trained on photos and votes of your own study)"

[model]
backbone = "tf_efficientnet_lite0"
pretrained = "package"  # ImageNet weights that came with iae[train]
input_size = 224
aspect = "squeeze"      # the whole photo: its edges are part of it
dropout = 0.3

[loss]
aesthetic_mean = 1.0
level_shares = 1.0
emotion = 1.0

[train]
probe_epochs = 40       # the heads alone, in seconds
epochs = 6              # then network and heads
batch_size = 16
lr = 1e-4
head_lr_factor = 5
weight_decay = 0.02
warmup = 0.1
freeze_stages = 4       # of seven; what they see is the same in every photo
ema_decay = 0.95

[split]
fractions = [0.7, 0.15, 0.15]
"""


def experiment_text(votes: StudyVotes, table: Path, photos: Path) -> str:
    """An experiment that ``iae train`` takes as it is.

    Args:
        votes: those that count.
        table: where ``labels.csv`` is.
        photos: the folder of the photos.
    """
    command = f"iae train {shlex.quote(table.with_name('experiment.toml').as_posix())}"
    lines = [
        "# Learns what the raters of a study said.",
        "#",
        f"# Command:  {command} --data study={shlex.quote(photos.as_posix())}",
        _SETTINGS,
        "[sources.study]",
        f"table = {json.dumps(str(table.resolve()))}",
        'image = "image"',
    ]
    scored = votes.scored
    if scored is not None:
        worst, best = scored.scale
        lines += [f"scale = [{worst}, {best}]", "", "[sources.study.score_counts]"]
        lines += [f"{column(scored, name)} = {score}" for name, score in scored.scores.items()]
    if any(question.name == "emotion" for question in votes.questions):
        lines += ["", "[sources.study.emotion_votes]"]
        lines += [f'{emotion} = "emotion_{emotion}"' for emotion in EMOTIONS]
    return "\n".join(lines) + "\n"


def labelled(votes: StudyVotes) -> list[Question]:
    """The questions that training knows: the one with scores, and the eight emotions."""
    return [q for q in votes.questions if q == votes.scored or q.name == "emotion"]


def column(question: Question, level: str) -> str:
    """The column of ``labels.csv`` that counts the votes for a level."""
    return f"{question.name}_{level}"
