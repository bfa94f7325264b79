"""XML that is kept as it was written, and XML that is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packets import SAMPLES

from iae.errors import XmpError
from iae.xmp.syntax import MAX_DEPTH, Element, parse

ODD = (
    "\ufeff<?xml version='1.0'?><!-- a > b --><?pi <x>?>\r\n<a  xmlns = 'u' xmlns:r=\"q\"\n"
    "b='x>\"y' r:z=\"&lt;&#10;\" >t&amp;é<c/><r:d\tk='1' ></r:d >x<![CDATA[<&]]>"
    "<!-- <no> --></a\n>\n<!-- end -->"
)


@pytest.mark.parametrize("text", [ODD, *(data.decode() for data in SAMPLES.values())])
def test_what_is_not_edited_is_written_as_it_was_read(text: str):
    assert parse(text).source() == text


def test_values_are_those_that_xml_means():
    root = parse(ODD).root
    assert root.name == "{u}a"
    assert root.attributes == {"b": 'x>"y', "{q}z": "<\n"}
    assert root.text == "t&éx<&"
    assert [child.name for child in root.children] == ["{u}c", "{q}d"]


def test_only_the_edited_attribute_changes():
    document = parse(ODD)
    document.root.set_attribute("{q}z", 'a"<&\n')
    assert document.source() == ODD.replace("&lt;&#10;", "a&quot;&lt;&amp;&#10;")


def test_a_removed_attribute_leaves_the_others_as_they_were():
    document = parse("<a xmlns:r='q' r:b='1'  b = '2'/>")
    document.root.remove_attribute("{q}b")
    assert document.source() == "<a xmlns:r='q'  b = '2'/>"


def test_a_child_of_an_empty_element_opens_it():
    document = parse("<a xmlns='u' />")
    document.root.append("{w}b", "p").set_text("<1>")
    assert document.source() == "<a xmlns='u'><p:b xmlns:p=\"w\">&lt;1&gt;</p:b></a>"


def test_a_new_element_uses_the_prefix_in_force_whatever_it_is_called():
    document = parse("<a xmlns:odd='w'><b/></a>")
    document.root.append("{w}c", "p")
    assert document.source() == "<a xmlns:odd='w'><b/><odd:c/></a>"


def test_a_default_namespace_is_no_prefix():
    document = parse("<a xmlns='w'/>")
    document.root.append("{w}c", "p")
    assert document.source() == "<a xmlns='w'><p:c xmlns:p=\"w\"/></a>"


def test_a_new_element_stands_on_a_line_of_its_own_where_the_others_do():
    document = parse("<a>\n  <b/>\n</a>")
    document.root.append("{w}c", "p")
    assert document.source() == '<a>\n  <b/>\n  <p:c xmlns:p="w"/>\n</a>'


def test_a_removed_element_takes_its_white_space_along():
    document = parse("<a>\n <b/>\n <c/>\n</a>")
    document.root.remove(document.root.children[0])
    assert document.source() == "<a>\n <c/>\n</a>"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<a>", r"is not well-formed XML: no element found \(line 1\)"),
        ("<a></b>", "mismatched tag"),
        ("<a/><b/>", "something follows the packet, perhaps a second one"),
        ("<p:a/>", "unbound prefix"),
        ("<!DOCTYPE a><a/>", "declares a document type"),
        ('<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a>&e;</a>', "document type"),
        ("<a>&e;</a>", "undefined entity"),
        ("<a>\x01</a>", "not well-formed"),
        ("<a>\ud800</a>", "half a character"),
        ("<a>" * (MAX_DEPTH + 1), f"more than {MAX_DEPTH} elements inside each other"),
    ],
)
def test_what_is_no_plain_xml_is_refused_with_its_reason(text: str, message: str):
    with pytest.raises(XmpError, match=message):
        parse(text)


def test_a_billion_laughs_are_refused_before_the_first():
    entities = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    with pytest.raises(XmpError, match="declares a document type"):
        parse(f'<!DOCTYPE a [<!ENTITY l0 "lol">{entities}]><a>&l9;</a>')


NAMES = st.sampled_from(["a", "p:b", "q:c", "d-e.f"])
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="<&\r>", exclude_categories=["C"]))
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["k", "p:k", "q:l"]), TEXTS.map(lambda text: text.replace('"', "")), max_size=3
)


@st.composite
def elements(draw: st.DrawFn, depth: int = 3) -> str:
    name, space = draw(NAMES), draw(st.sampled_from(["", " ", "\n\t"]))
    attributes = "".join(f' {key}{space}="{value}"' for key, value in draw(ATTRIBUTES).items())
    if depth == 0 or draw(st.booleans()):
        return f"<{name}{attributes}{space}/>"
    inner = st.one_of(TEXTS, elements(depth=depth - 1), st.sampled_from(["<!--x-->", "<?y z?>"]))
    return (
        f"<{name}{attributes}{space}>{''.join(draw(st.lists(inner, max_size=4)))}</{name}{space}>"
    )


@given(elements())
def test_any_xml_is_written_as_it_was_read(inner: str):
    text = f"<r xmlns:p='1' xmlns:q='2'>{inner}</r>"
    document = parse(text)
    assert document.source() == text
    assert all(isinstance(element, Element) for element in document.root.walk())
