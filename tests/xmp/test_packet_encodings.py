"""Packets in every encoding that XMP allows, and bytes that are no packet."""

import codecs

import pytest
from packets import LIGHTROOM, packet

from iae.errors import XmpError
from iae.xmp.marks import RATING
from iae.xmp.merge import Changes
from iae.xmp.packet import MAX_BYTES, edit_packet, read_packet

TEXT = LIGHTROOM.decode().replace("Sea", "Mér 海 \U0001f30a")
FIVE = Changes(set={RATING: "5"})
BOMS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}


@pytest.mark.parametrize("with_mark", [True, False])
@pytest.mark.parametrize("encoding", BOMS)
def test_a_packet_stays_in_its_encoding(encoding: str, with_mark: bool):
    bom = BOMS[encoding] if with_mark else b""
    after = edit_packet(bom + TEXT.encode(encoding), FIVE)
    wanted = TEXT.replace('xmp:Rating="3"', 'xmp:Rating="5"')
    assert after == bom + wanted.encode(encoding)


def test_the_mark_inside_of_the_packet_header_is_text():
    text = f'<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>{TEXT}<?xpacket end="w"?>'
    for encoding in BOMS:
        assert read_packet(text.encode(encoding)).simple[RATING] == "3"


def test_a_declared_latin_1_is_read_and_written():
    text = '<?xml version="1.0" encoding="ISO-8859-1"?>' + TEXT.replace(" 海 \U0001f30a", "")
    after = edit_packet(text.encode("latin-1"), FIVE)
    assert after == text.replace('xmp:Rating="3"', 'xmp:Rating="5"').encode("latin-1")


def test_what_an_encoding_cannot_hold_is_refused():
    data = b'<?xml version="1.0" encoding="us-ascii"?>' + packet("")
    with pytest.raises(XmpError, match="us-ascii, which cannot hold the new values"):
        edit_packet(data, Changes(set={"xmp:Label": "Grün"}))


def test_padding_and_line_ends_are_kept():
    data = packet("").replace(b"><", b">\r\n<") + b" " * 2000 + b"\n<?xpacket end='w'?>"
    after = edit_packet(data, FIVE)
    assert after.endswith(b" " * 2000 + b"\n<?xpacket end='w'?>")
    assert after.count(b"\r\n") >= data.count(b"\r\n")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"\0" * 500, "is empty"),
        (b"\xff\xd8\xff\xe0JFIF", "is not UTF-8 text"),
        (b"just text", "is no XMP: it does not begin with '<'"),
        (b"<html><body/></html>", "is XML but no XMP: it has no rdf:RDF"),
        (LIGHTROOM[:700], "is not well-formed XML"),
        (LIGHTROOM + LIGHTROOM, "something follows the packet, perhaps a second one"),
        (b"<a>" + packet("") + packet("") + b"</a>", "holds 2 packets"),
        (b'<?xml version="1.0" encoding="EBCDIC-US"?><a/>', "declares the encoding 'ebcdic-us'"),
        (codecs.BOM_UTF16_LE + b"<\0a", "is not UTF-16-LE text"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]>' + packet("&x;"), "declares a document type"),
        (b" " * (MAX_BYTES + 1), "is larger than 64 MiB"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else "",
)
def test_what_is_no_packet_is_refused_with_its_reason(data: bytes, message: str):
    with pytest.raises(XmpError, match=message):
        read_packet(data)


@pytest.mark.parametrize("length", range(0, len(LIGHTROOM) - 2, 97))
def test_a_packet_cut_off_anywhere_is_refused(length: int):
    with pytest.raises(XmpError):
        read_packet(LIGHTROOM[:length])
