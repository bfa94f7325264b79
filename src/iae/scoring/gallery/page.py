"""The page of the gallery: rendered purely; only :func:`write_gallery` touches the disk."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path

from iae.files import written_whole
from iae.labels import EMOTIONS, HIGH_THRESHOLD, LEVEL_SCORES, LEVELS, POSITIVE_EMOTIONS
from iae.scoring.gallery.cards import CARD_EMOTION_SHARE, CARD_EMOTIONS, cards_of, percent
from iae.scoring.gallery.data import page_data
from iae.scoring.gallery.links import shown
from iae.scoring.gallery.policy import security_policy
from iae.scoring.scores import PhotoScore

PLAIN_CARDS = 200
"""Without scripts the page shows this many photos, the best: browsers that run no scripts load
every picture of a page at once, so all of a large library would not end."""

SCRIPTS = ("photos", "filters", "address", "histogram", "panel", "grid", "view", "keys", "start")
"""The script of the page is these ``gallery-*.js``, one after the other in one block."""


def write_gallery(
    out: Path,
    scores: Sequence[PhotoScore],
    *,
    thumbnails: Mapping[str, str],
    originals: Mapping[str, str],
    notice: str,
    chosen_from: int | None = None,
) -> Path:
    """Write ``out/index.html`` (a temporary name first, then renamed) and return its path.

    Args:
        out: the gallery folder; made when it is not there.
        scores: one per photo, in the order they were found (one of the orders a reader can
            choose); unreadable ones are listed at the end of the page.
        thumbnails: ``PhotoScore.path`` to the thumbnail file, relative to ``out``. A photo that
            has none is shown from its original: leave out those that should be
            (:func:`~iae.scoring.gallery.links.needs_thumbnail`).
        originals: ``PhotoScore.path`` to the URL of the photo, relative to ``out`` (see
            :func:`~iae.scoring.gallery.links.relative_url`), for the large view. A photo that has
            none, or whose original no browser can show, is shown large from its thumbnail.
        notice: half a line for the foot of the page, as plain text.
        chosen_from: given when the photos are a choice of that many, the best first: the page then
            begins with them in that order, and a card tells the place of its photo.

    Raises:
        OutputError: the page cannot be written.
    """
    page = render_gallery(
        scores,
        thumbnails=thumbnails,
        originals=originals,
        notice=notice,
        chosen_from=chosen_from,
    )
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
    chosen_from: int | None = None,
) -> str:
    """The page as text; the same scores give the same text. Arguments as in `write_gallery`."""
    # Not at the top: decoding processes import this package for the names of thumbnails.
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    cards = cards_of(scores, thumbnails, originals, chosen_from)
    best = cards if chosen_from else sorted(cards, key=lambda card: -card.mean)
    unreadable = sorted((shown(score.path), shown(score.error)) for score in scores if score.error)
    style = _source("gallery.css")
    script = "\n".join(_source(f"gallery-{name}.js") for name in SCRIPTS)
    script = f'"use strict";\n{{\n{script}}}\n'  # a block, so that its names are its own
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["percent"] = percent
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "ensure_ascii": False}
    return environment.from_string(_source("gallery.html")).render(
        count=len(cards),
        chosen_from=chosen_from,
        plain_cards=best[:PLAIN_CARDS],
        unreadable=unreadable,
        notice=shown(notice),
        emotions=EMOTIONS,
        positive_emotions=POSITIVE_EMOTIONS,
        levels=LEVELS,
        level_scores=dict(zip(LEVELS, LEVEL_SCORES, strict=True)),
        high_threshold=HIGH_THRESHOLD,
        card_emotions=CARD_EMOTIONS,
        card_emotion_share=CARD_EMOTION_SHARE,
        has_reasons=any(card.reasons for card in cards),
        has_percentiles=any(card.standing for card in cards),
        has_facts=any(card.facts is not None for card in cards),
        has_unsure=any(card.unsure for card in cards),
        style=Markup(style),
        script=Markup(script),
        security_policy=security_policy(style, script),
        data=page_data(cards, chosen=chosen_from is not None),
    )


def _source(name: str) -> str:
    return (files("iae.scoring") / "templates" / name).read_text(encoding="utf-8")
