"""What data sets call the eight emotions, and which names belong to other vocabularies."""

from collections.abc import Iterable, Mapping

from iae.labels import EMOTIONS

_SYNONYMS: Mapping[str, str] = {
    "amused": "amusement",
    "excited": "excitement",
    "content": "contentment",  # ArtPhoto and Abstract (Machajdik & Hanbury 2010)
    "contented": "contentment",
    "disgusted": "disgust",
    "angry": "anger",
    "afraid": "fear",
    "sad": "sadness",  # ArtPhoto, Abstract and the IEA release
}

NEUTRAL_NAMES = frozenset({"neutral", "none", "no emotion"})
"""What data sets call the answer "no emotion at all"."""

_OTHER_VOCABULARIES = frozenset({"joy", "happy", "happiness", "surprise", "surprised"})
"""Ekman's emotions that are none of Mikels' eight. His other four have the same names, yet a photo
that may be called "joy" is labelled by another question: such labels are not read as the eight."""


def emotion_named(text: str) -> str | None:
    """The emotion a data set means by a name, or None if it is none of the eight.

    Capitals, blanks and quotation marks around it make no difference.

    >>> emotion_named("'Sad'"), emotion_named("Content"), emotion_named("joy")
    ('sadness', 'contentment', None)
    """
    name = text.strip(" \t'\"").lower()
    return name if name in EMOTIONS else _SYNONYMS.get(name)


def is_neutral(text: str) -> bool:
    """Whether a name means "no emotion at all".

    >>> is_neutral("Neutral"), is_neutral("awe")
    (True, False)
    """
    return text.strip(" \t'\"").lower() in NEUTRAL_NAMES


def other_vocabulary(names: Iterable[str]) -> list[str]:
    """Those of the names that show that not Mikels' eight emotions were asked for, as written.

    >>> other_vocabulary(["anger", "Joy", "fear", "Surprise"])
    ['Joy', 'Surprise']
    """
    return [name for name in names if name.strip(" \t'\"").lower() in _OTHER_VOCABULARIES]
