"""The figures of ``iae data figures``, by name; here because help must not load what draws them."""

from collections.abc import Mapping

FIGURES: Mapping[str, str] = {
    "bars": "images per emotion, high and low",
    "histogram": "scores with their Gaussian, and a QQ plot",
    "contact-sheet": "pictures of each emotion, of high and of low quality",
    "votes": "what a second rater says where a first one chose an emotion",
    "raters": "bias and consistency of each rater",
}
"""Name, which is also the file's, -> what it shows."""
