"""Reports on ratings and votes as files: text, JSON, and tables of images and raters."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from iae.files import written_whole
from iae.metrics.json_ready import json_ready
from iae.ratings.report import RatingReport, VoteReport

_DIGITS = 6


def item_table(report: RatingReport) -> pl.DataFrame:
    """A row an image, in the order of the data; empty cells where nothing is known."""
    items, quality = report.items, report.model.quality
    shares = {f"share_{level}": items.level_shares[:, k]
              for k, level in enumerate(("bad", "fair", "good", "excellent"))}  # fmt: skip
    label = np.where(items.is_high, "high", "low")
    return _table({
        "image": list(report.ratings.items), "ratings": items.count, "mean": items.mean,
        "sd": items.sd, "mean_low": items.mean_low, "mean_high": items.mean_high,
        "label": pl.Series(label).set(pl.Series(items.count == 0), None), "quality": quality,
        **shares,
    })  # fmt: skip


def rater_table(report: RatingReport) -> pl.DataFrame:
    """A row a rater."""
    ratings, model, others = report.ratings, report.model, report.others
    screening, keys = report.screening, report.keys
    raters = len(ratings.raters)
    count = np.bincount(ratings.rater, minlength=raters)
    total = np.bincount(ratings.rater, ratings.value, minlength=raters)
    mean = total / np.where(count > 0, count, np.nan)
    return _table({
        "rater": list(ratings.raters), "ratings": count, "mean": mean, "bias": model.bias,
        "bias_error": model.bias_error, "inconsistency": model.inconsistency,
        "panel": np.where(model.panel >= 0, model.panel + 1.0, np.nan),
        "srcc_with_others": others.srcc, "plcc_with_others": others.plcc,
        "common_images": others.common, "most_frequent": keys.value,
        "most_frequent_share": keys.share, "one_key": keys.always,
        "outliers_above": screening.above, "outliers_below": screening.below,
        "bt500_rejected": screening.rejected,
    })  # fmt: skip


def emotion_table(report: VoteReport) -> pl.DataFrame:
    """A row an image: how its voters agree."""
    images = report.images
    winner = [report.votes.emotions[k] if k >= 0 else None for k in images.winner]
    return _table({"image": report.votes.images, "votes": images.votes, "entropy": images.entropy,
                   "winner": winner, "winner_share": images.winner_share,
                   "tie": images.is_tie})  # fmt: skip


def confusion_table(report: VoteReport) -> pl.DataFrame:
    """A row per emotion that the first voter says, a column per emotion of the second."""
    emotions = report.votes.emotions
    columns = {emotion: report.confusion[:, k] for k, emotion in enumerate(emotions)}
    return _table({"first": list(emotions), **columns})


def _table(columns: Mapping[str, Any]) -> pl.DataFrame:
    frame = pl.DataFrame(dict(columns)).with_columns(pl.selectors.float().fill_nan(None))
    return frame.with_columns(pl.selectors.float().round(_DIGITS))


def write_report(
    out: Path, text: str, ratings: RatingReport | None, votes: VoteReport | None
) -> list[Path]:
    """Write ``report.txt``, ``report.json`` and the tables there are; returns their paths.

    Raises:
        OutputError: the folder or a file cannot be written.
    """
    tables: dict[str, pl.DataFrame] = {}
    summary: dict[str, Any] = {}
    if ratings is not None:
        tables |= {"items.csv": item_table(ratings), "raters.csv": rater_table(ratings)}
        summary["ratings"] = _rating_summary(ratings)
    if votes is not None:
        tables |= {"emotions.csv": emotion_table(votes), "confusion.csv": confusion_table(votes)}
        summary["votes"] = _vote_summary(votes)
    texts = {"report.txt": text, "report.json": json.dumps(json_ready(summary), indent=1) + "\n"}
    for name, content in texts.items():
        with written_whole(out / name) as part:
            part.write_text(content, "utf-8")
    for name, table in tables.items():
        with written_whole(out / name) as part:
            table.write_csv(part)
    return [out / name for name in (*texts, *tables)]


def _rating_summary(report: RatingReport) -> dict[str, Any]:
    items, ratings = report.items, report.ratings
    named = np.asarray(ratings.raters, object)
    return {
        "ratings": len(ratings.value),
        "images": int((items.count > 0).sum()),
        "raters": int((report.model.panel >= 0).sum()),
        "scale": ratings.scale,
        "complete": report.complete,
        "panels": int(report.model.panel.max(initial=-1)) + 1,
        "repeats": report.repeats,
        "high": int(items.is_high.sum()),
        "figures": dict(report.figures),
        "variance": asdict(report.icc),
        "bt500_rejected": named[report.screening.rejected].tolist(),
        "one_key": named[report.keys.always].tolist(),
        "draws": report.draws,
    }


def _vote_summary(report: VoteReport) -> dict[str, Any]:
    return {
        "images": int((report.images.votes > 0).sum()),
        "votes": float(report.votes.counts.sum()),
        "figures": dict(report.figures),
        "emotions": report.emotions,
        "draws": report.draws,
    }
