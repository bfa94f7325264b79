"""Write golden.json: what the bundled model says of three example photos.

Run it when the bundled model changes, and look at the difference before committing it:

    .venv/bin/python tests/scoring/renew_golden.py && git diff tests/scoring/golden.json
"""

import json
from pathlib import Path

from iae import Scorer

PHOTOS = Path(__file__).parents[2] / "examples" / "photos"
GOLDEN = Path(__file__).with_name("golden.json")
CHOSEN = ("sunset-over-hills.jpg", "cat-portrait.jpg", "blurred-clock.jpg")


def golden() -> dict[str, dict[str, float]]:
    """Every number that is said about the chosen photos, by photo and column."""
    scorer = Scorer()
    rows = {name: scorer.score(PHOTOS / name).to_row() for name in CHOSEN}
    return {
        name: {column: value for column, value in row.items() if isinstance(value, float)}
        for name, row in rows.items()
    }


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(golden(), indent=1) + "\n", "utf-8")
