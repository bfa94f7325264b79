"""The gallery: one folder with an ``index.html`` that shows every photo with its scores.

The page opens from disk, fetches nothing from the network, and still shows the sorted photos when
scripts are switched off. Rendering is pure; only :func:`write_gallery` touches the disk.
"""

import base64
import hashlib
import math
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import accumulate
from pathlib import Path, PurePath
from urllib.parse import quote

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from iae.files import written_whole
from iae.labels import EMOTIONS, HIGH_THRESHOLD, LEVEL_SCORES, LEVELS, POSITIVE_EMOTIONS, is_high
from iae.scoring.scores import PhotoScore

CARD_EMOTIONS = 3
"""At most this many emotions stand on a card; the large view has all eight."""

CARD_EMOTION_SHARE = 0.05
"""An emotion below this share is left off the card, unless it is the strongest."""

# Characters that break a line, steer a terminal or turn the reading direction of what follows
# ("gpj.exe" reads as "exe.jpg"), and halves of characters, which cannot be written as UTF-8.
_UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


THUMBNAILS = "thumbnails"
"""The folder of the thumbnails, beside the page."""


def thumbnail_name(path: str) -> str:
    """Where the thumbnail of a photo lies in the gallery folder.

    Made from the whole path, so that the same file name in two folders stays two thumbnails.

    >>> thumbnail_name("2019/a.jpg"), thumbnail_name("2020/a.jpg")
    ('thumbnails/288d64a136fc8fbb.jpg', 'thumbnails/3e72cfdb3b128911.jpg')
    """
    digest = hashlib.sha256(path.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{THUMBNAILS}/{digest[:16]}.jpg"


def relative_url(file: str) -> str:
    """The URL of a file given by its path relative to the gallery folder.

    Always local: a name that reads like a scheme or a host becomes a path. Bytes that are no
    UTF-8 keep their value, so that the browser finds the file.

    >>> relative_url("../photos/été #1.jpg"), relative_url("javascript:x")
    ('../photos/%C3%A9t%C3%A9%20%231.jpg', 'javascript%3Ax')
    """
    return _local(quote(os.fsencode(PurePath(file).as_posix())))


def write_gallery(
    out: Path,
    scores: Sequence[PhotoScore],
    *,
    thumbnails: Mapping[str, str],
    originals: Mapping[str, str],
    notice: str,
) -> Path:
    """Write ``out/index.html`` (a temporary name first, then renamed) and return its path.

    Args:
        out: the gallery folder; made when it is not there.
        scores: one per photo, in any order; unreadable ones are listed at the end of the page.
        thumbnails: ``PhotoScore.path`` to the thumbnail file, relative to ``out``. A photo that
            has none is shown from its original.
        originals: ``PhotoScore.path`` to the URL of the photo, relative to ``out`` (see
            :func:`relative_url`), for the large view. A photo that has none, or whose original no
            browser can show, is shown large from its thumbnail.
        notice: half a line for the foot of the page, as plain text.

    Raises:
        OutputError: the page cannot be written.
    """
    page = render_gallery(scores, thumbnails=thumbnails, originals=originals, notice=notice)
    target = out / "index.html"
    with written_whole(target) as part:
        part.write_bytes(page.encode("utf-8"))
    return target


def render_gallery(
    scores: Sequence[PhotoScore],
    *,
    thumbnails: Mapping[str, str],
    originals: Mapping[str, str],
    notice: str,
) -> str:
    """The page as text; the same scores give the same text. Arguments as in `write_gallery`."""
    cards = [
        _card(score, thumbnails.get(score.path), originals.get(score.path))
        for score in scores
        if not score.error
    ]
    cards.sort(key=lambda card: (-card.mean, card.path))
    unreadable = sorted(
        (_shown(score.path), _shown(score.error)) for score in scores if score.error
    )
    style, script = _source("gallery.css"), _source("gallery.js")
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["percent"] = _percent
    return environment.from_string(_source("gallery.html")).render(
        cards=cards,
        unreadable=unreadable,
        notice=_shown(notice),
        emotions=EMOTIONS,
        positive_emotions=POSITIVE_EMOTIONS,
        levels=LEVELS,
        level_scores=dict(zip(LEVELS, LEVEL_SCORES, strict=True)),
        high_threshold=HIGH_THRESHOLD,
        card_emotions=CARD_EMOTIONS,
        card_emotion_share=CARD_EMOTION_SHARE,
        style=Markup(style),
        script=Markup(script),
        security_policy=_security_policy(style, script),
        data={"emotions": EMOTIONS, "photos": [card.to_data() for card in cards]},
    )


@dataclass(frozen=True, kw_only=True)
class _Card:
    """One scored photo as the page shows it: text made harmless, links made local."""

    path: str
    name: str
    thumbnail: str
    """URL of the small picture; empty when there is none at all."""
    original: str
    """URL of the photo itself; empty when it is not known."""
    mean: float
    std: float
    levels: tuple[float, ...]
    high_prob: float
    emotions: tuple[float, ...]
    positive_prob: float

    @property
    def is_high(self) -> bool:
        return is_high(self.mean)

    @property
    def level_segments(self) -> list[tuple[str, float, float]]:
        """Level, start and width of each part of the bar, which is 100 wide."""
        starts = accumulate(self.levels, initial=0.0)
        return [
            (level, round(100 * start, 2), round(100 * share, 2))
            for level, start, share in zip(LEVELS, starts, self.levels, strict=False)
        ]

    @property
    def levels_in_words(self) -> str:
        parts = zip(LEVELS, self.levels, strict=True)
        return ", ".join(f"{level} {_percent(share)}" for level, share in parts).capitalize()

    @property
    def strongest_emotions(self) -> list[tuple[str, float]]:
        """The emotions that stand on the card with their shares, strongest first."""
        ranked = sorted(zip(EMOTIONS, self.emotions, strict=True), key=lambda pair: -pair[1])
        rest = [pair for pair in ranked[1:CARD_EMOTIONS] if pair[1] >= CARD_EMOTION_SHARE]
        return [ranked[0], *rest]

    def to_data(self) -> dict[str, object]:
        """What the script of the page needs to know; four decimals are more than it shows."""
        return {
            "path": self.path,
            "name": self.name,
            "thumbnail": self.thumbnail,
            "original": self.original,
            "mean": round(self.mean, 4),
            "std": round(self.std, 4),
            "levels": [round(share, 4) for share in self.levels],
            "high": self.is_high,
            "high_prob": round(self.high_prob, 4),
            "emotions": [round(share, 4) for share in self.emotions],
            "positive_prob": round(self.positive_prob, 4),
        }


def _card(score: PhotoScore, thumbnail: str | None, original: str | None) -> _Card:
    assert score.aesthetic_mean is not None
    assert score.aesthetic_std is not None
    assert score.levels is not None
    assert score.high_prob is not None
    assert score.emotions is not None
    assert score.positive_prob is not None
    original_url = _local(original) if original else ""
    return _Card(
        path=_shown(score.path),
        name=_shown(PurePath(score.path).name or score.path),
        thumbnail=relative_url(thumbnail) if thumbnail else original_url,
        original=original_url,
        mean=score.aesthetic_mean,
        std=score.aesthetic_std,
        levels=score.levels,
        high_prob=score.high_prob,
        emotions=score.emotions,
        positive_prob=score.positive_prob,
    )


def _shown(text: str) -> str:
    r"""Text as it is shown: what would not show, or mislead, is spelt out (``\n``, ``\udcff``)."""
    return _UNSHOWABLE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def _local(url: str) -> str:
    """The URL, made sure to lead to a file: no scheme but ``file:///``, and no host."""
    if url.startswith("file:///"):
        return url
    head = url.split("/", 1)[0]
    return url if head and ":" not in head and "\\" not in url else f"./{url}"


def _percent(share: float) -> str:
    """A share in whole per cent; what is not quite nothing or everything does not read as it.

    The same rule stands in ``gallery.js``.
    """
    share = round(share, 4)
    rounded = math.floor(100 * share + 0.5)
    if rounded == 0 and share > 0:
        return "<1%"
    if rounded == 100 and share < 1:
        return ">99%"
    return f"{rounded}%"


def _source(name: str) -> str:
    return (files("iae.scoring") / "templates" / name).read_text(encoding="utf-8")


def _security_policy(style: str, script: str) -> str:
    """Forbid everything but this page's own style, its own script, and pictures next to it."""
    style_hash, script_hash = (
        base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode()
        for text in (style, script)
    )
    return (
        f"default-src 'none'; style-src 'sha256-{style_hash}'; script-src 'sha256-{script_hash}'; "
        "img-src 'self' file: data:; base-uri 'none'; form-action 'none'"
    )
