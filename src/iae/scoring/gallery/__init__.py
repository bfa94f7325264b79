"""The gallery: one folder with an ``index.html`` that shows every photo with its scores.

The page opens from disk and fetches nothing from the network. It carries the scores as columns of
numbers and keeps only the cards near the screen in the browser's tree, so that ten thousand photos
scroll like ten; without scripts it lists the best ones.
"""

from iae.scoring.gallery.links import (
    THUMBNAILS,
    PhotosShown,
    needs_thumbnail,
    relative_url,
    thumbnail_name,
)
from iae.scoring.gallery.page import render_gallery, write_gallery

__all__ = [
    "THUMBNAILS",
    "PhotosShown",
    "needs_thumbnail",
    "relative_url",
    "render_gallery",
    "thumbnail_name",
    "write_gallery",
]
