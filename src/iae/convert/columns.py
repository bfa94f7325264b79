"""What the columns of converted rows mean: one sentence and one type each."""

from typing import Literal, NamedTuple

Kind = Literal["text", "number", "flag", "integer", "texts", "numbers"]


class Column(NamedTuple):
    """The type and the meaning of a column."""

    kind: Kind
    meaning: str


_PLAIN = {
    "file_name": Column("text", "the picture, relative to the folder of its rows"),
    "name": Column("text", "the name in the source, where it differs"),
    "source": Column("text", "the data set that the image comes from"),
    "split": Column("text", "train, val or test, where the source says so"),
    "group": Column("text", "images of one group (a scene, re-uploads) belong in one split"),
    "aesthetic_mean": Column("number", "mean aesthetic rating, 1 to 10"),
    "aesthetic_high": Column("flag", "the source's own high/low label"),
    "emotion": Column("text", "the one emotion that the image is labelled with"),
    "votes_neutral": Column("number", "votes for no emotion at all"),
    "raters": Column("texts", "who rated the image"),
    "ratings": Column("numbers", "the score, 1 to 10, that each of `raters` gave"),
    "position": Column("integer", "place of the image in the source, from 0"),
}


def describe_column(column: str) -> Column:
    """What a column of a converted row holds."""
    if column in _PLAIN:
        return _PLAIN[column]
    prefix, _, name = column.partition("_")
    meaning = {
        "votes": f"votes for {name}; null where it was not offered",
        "count": f"raters who gave the score {name}, on 1 to 10",
        "level": f"share of raters at the level {name}",
        "attribute": f"mean rating of {name}, 1 to 10",
    }[prefix]
    return Column("number", meaning)
