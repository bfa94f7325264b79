"""What tells a pair network's folder from others; known without loading torch."""

import json
from pathlib import Path

KIND = "iae.pairs"
_CARD = "model.json"


def is_pair_model(path: Path) -> bool:
    """Whether a folder holds a model of this kind, by its card; False where it has none."""
    try:
        card = json.loads((path / _CARD).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(card, dict) and card.get("kind") == KIND
