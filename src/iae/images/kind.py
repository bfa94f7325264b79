"""What kind of file some bytes are, by how they begin, and what a file's name promises."""

from collections.abc import Mapping

SUFFIX_KINDS: Mapping[str, str] = {
    ".jpg": "JPEG", ".jpeg": "JPEG", ".jpe": "JPEG", ".mpo": "JPEG",
    ".png": "PNG", ".webp": "WEBP", ".tif": "TIFF", ".tiff": "TIFF", ".bmp": "BMP", ".gif": "GIF",
}  # fmt: skip
"""Suffix in small letters -> the kind that it promises."""

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"%PDF", "PDF"),
    (b"PK\x03\x04", "ZIP"),
    (b"\x1f\x8b", "gzip"),
)


def kind_of(head: bytes) -> str | None:
    r"""The kind that the first 32 bytes of a file show, or None where it is none of the known.

    Besides the photos that are read, this names what is often saved under their names: the web
    page of an error, an archive, a photo of a newer kind.

    >>> kind_of(b"\xff\xd8\xff\xe0"), kind_of(b"<!DOCTYPE html>"), kind_of(b"")
    ('JPEG', 'HTML', None)
    """
    for start, kind in _STARTS:
        if head.startswith(start):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp":
        return "AVIF" if head[8:12] in (b"avif", b"avis") else "HEIC or video"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return "HTML" if text.startswith((b"<!doctype", b"<html", b"<head")) else None
