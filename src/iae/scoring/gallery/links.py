"""Names and URLs of the gallery: where pictures lie, and text that no file name can abuse."""

import hashlib
import os
import re
from pathlib import PurePath
from typing import Literal
from urllib.parse import quote

PhotosShown = Literal["thumbnails", "originals"]
"""What the gallery shows on its cards: thumbnails it keeps, or the photos where they lie."""

THUMBNAILS = "thumbnails"
"""The folder of the thumbnails, beside the page."""

BROWSER_SUFFIXES = frozenset(
    (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".bmp", ".avif")
)
"""File name suffixes, in lower case, of photos that every current browser shows by itself."""

# Characters that break a line, steer a terminal or turn the reading direction of what follows
# ("gpj.exe" reads as "exe.jpg"), and halves of characters, which cannot be written as UTF-8.
_UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def thumbnail_name(path: str) -> str:
    """Where the thumbnail of a photo lies in the gallery folder.

    Made from the whole path, so that the same file name in two folders stays two thumbnails.

    >>> thumbnail_name("2019/a.jpg"), thumbnail_name("2020/a.jpg")
    ('thumbnails/288d64a136fc8fbb.jpg', 'thumbnails/3e72cfdb3b128911.jpg')
    """
    digest = hashlib.sha256(path.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{THUMBNAILS}/{digest[:16]}.jpg"


def needs_thumbnail(path: str, shown: PhotosShown) -> bool:
    """Whether the gallery needs a thumbnail of this photo.

    Photos are shown from where they lie only if a browser can read them; others get one anyway.

    >>> [needs_thumbnail(name, "originals") for name in ("a.JPG", "a.tif", "a.cr3")]
    [False, True, True]
    """
    return shown == "thumbnails" or PurePath(path).suffix.lower() not in BROWSER_SUFFIXES


def relative_url(file: str) -> str:
    """The URL of a file given by its path relative to the gallery folder.

    Always local: a name that reads like a scheme or a host becomes a path. Bytes that are no
    UTF-8 keep their value, so that the browser finds the file.

    >>> relative_url("../photos/été #1.jpg"), relative_url("javascript:x")
    ('../photos/%C3%A9t%C3%A9%20%231.jpg', 'javascript%3Ax')
    """
    return local_url(quote(os.fsencode(PurePath(file).as_posix())))


def local_url(url: str) -> str:
    """The URL, made sure to lead to a file: no scheme but ``file:///``, and no host.

    >>> local_url("../a.jpg"), local_url("//host/a.jpg")
    ('../a.jpg', './//host/a.jpg')
    """
    if url.startswith("file:///"):
        return url
    head = url.split("/", 1)[0]
    return url if head and ":" not in head and "\\" not in url else f"./{url}"


def shown(text: str) -> str:
    r"""Text as the page shows it: what would not show, or mislead, is spelt out.

    >>> shown("two\nlines.jpg")
    'two\\nlines.jpg'
    """
    return _UNSHOWABLE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
