"""A packet of XMP: bytes in, what it says or the changed bytes out."""

import codecs
import re

from iae.errors import XmpError
from iae.xmp.marks import NAMESPACES, Values
from iae.xmp.merge import Changes
from iae.xmp.rdf import apply, values_of
from iae.xmp.syntax import Document, parse

MAX_BYTES = 64 * 2**20
"""Largest packet that is read. Editing histories take hundreds of kilobytes, depth maps some
megabytes."""

_DECLARATIONS = "\n".join(
    f'    xmlns:{prefix}="{NAMESPACES[prefix]}"' for prefix in ("xmp", "dc", "lr", "iae")
)
EMPTY = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="iae">\n'
    f' <rdf:RDF xmlns:rdf="{NAMESPACES["rdf"]}">\n'
    f'  <rdf:Description rdf:about=""\n{_DECLARATIONS}>\n'
    "  </rdf:Description>\n"
    " </rdf:RDF>\n"
    "</x:xmpmeta>\n"
    '<?xpacket end="w"?>\n'
).encode()
"""What a new sidecar is made from."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_FIRST = (
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_DECLARED = re.compile(rb"""^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([\w.-]+)["']""")
_PLAIN_ENCODINGS = ("utf-8", "us-ascii", "iso-8859-1", "windows-1252")


def read_packet(data: bytes) -> Values:
    """What a packet says in the properties we know.

    Raises:
        XmpError: it is not one whole packet of XMP in UTF-8, UTF-16 or UTF-32.
    """
    return values_of(_parsed(data)[0])


def edit_packet(data: bytes, changes: Changes) -> bytes:
    """The packet with the changes, in its own encoding; the rest of it byte for byte.

    Raises:
        XmpError: as ``read_packet``; or the changes hold a character that its encoding has not.
    """
    document, encoding, bom = _parsed(data)
    apply(document, changes)
    try:
        return bom + document.source().encode(encoding)
    except UnicodeEncodeError:
        raise XmpError(f"is written in {encoding}, which cannot hold the new values") from None


def _parsed(data: bytes) -> tuple[Document, str, bytes]:
    if len(data) > MAX_BYTES:
        raise XmpError(f"is larger than {MAX_BYTES // 2**20} MiB, which no XMP is")
    if not data.strip(b"\0 \t\r\n"):
        raise XmpError("is empty; remove it, and a new one will be made")
    encoding, bom = _encoding(data)
    try:
        text = data[len(bom) :].decode(encoding)
    except UnicodeDecodeError as error:
        raise XmpError(f"is not {encoding.upper()} text (byte {error.start})") from None
    if not text.lstrip("\ufeff \t\r\n").startswith("<"):
        raise XmpError("is no XMP: it does not begin with '<'")
    return parse(text), encoding, bom


def _encoding(data: bytes) -> tuple[str, bytes]:
    """The encoding, and the byte order mark (empty where there is none)."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return encoding, bom
    for start, encoding in _FIRST:
        if data.startswith(start):
            return encoding, b""
    declared = _DECLARED.match(data)
    if not declared:
        return "utf-8", b""
    name = declared[1].decode().lower()
    if name not in _PLAIN_ENCODINGS:
        raise XmpError(f"declares the encoding '{name}'; read are {', '.join(_PLAIN_ENCODINGS)}, "
                       "UTF-16 and UTF-32")  # fmt: skip
    return name, b""
