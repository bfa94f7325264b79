"""One property, written in each way that RDF allows: read alike, and changed in its own way."""

import pytest
from packets import packet
from rdf_facts import facts

from iae.errors import XmpError
from iae.xmp.marks import HIERARCHICAL, LABEL, RATING, SUBJECT, TAGS, expanded
from iae.xmp.merge import Changes
from iae.xmp.packet import edit_packet, read_packet

RATED_THREE = {
    "element": "<xmp:Rating>3</xmp:Rating>",
    "spaces": "<xmp:Rating>\n 3 </xmp:Rating>",
    "cdata": "<xmp:Rating><![CDATA[3]]></xmp:Rating>",
    "value with qualifier": '<xmp:Rating rdf:parseType="Resource"><rdf:value>3</rdf:value>'
    "<q:by>me</q:by></xmp:Rating>",
    "description with qualifier": "<xmp:Rating><rdf:Description><rdf:value>3</rdf:value>"
    "<q:by>me</q:by></rdf:Description></xmp:Rating>",
    "qualifier in attributes": '<xmp:Rating rdf:value="3" q:by="me"/>',
    "description in attributes": '<xmp:Rating><rdf:Description rdf:value="3" q:by="me"/>'
    "</xmp:Rating>",
    "with a comment": "<xmp:Rating><!-- stars -->3</xmp:Rating>",
}


@pytest.mark.parametrize("form", RATED_THREE.values(), ids=RATED_THREE.keys())
def test_a_value_is_read_in_every_form(form: str):
    assert read_packet(packet(form)).simple == {RATING: "3"}


@pytest.mark.parametrize("form", RATED_THREE.values(), ids=RATED_THREE.keys())
def test_a_value_is_changed_in_its_own_form_and_its_qualifiers_stay(form: str):
    after = edit_packet(packet(form), Changes(set={RATING: "5"}))
    assert read_packet(after).simple == {RATING: "5"}
    assert (b"q:by" in after) == ("q:by" in form)
    before = facts(packet(form.replace("\n 3 ", "5").replace("3", "5")))
    assert facts(after) == before


def test_a_value_in_an_attribute_is_changed_there():
    before = packet("", description='rdf:about="" xmp:Rating=\'3\' q:Rating="3"')
    after = edit_packet(before, Changes(set={RATING: "-1"}))
    assert after == before.replace(b"xmp:Rating='3'", b'xmp:Rating="-1"')


def test_a_property_said_twice_is_said_once_afterwards():
    before = packet("<xmp:Rating>4</xmp:Rating>", description='rdf:about="" xmp:Rating="3"')
    after = edit_packet(before, Changes(set={RATING: "5"}))
    assert facts(after)[(expanded(RATING), ("text", "5"))] == 1
    assert sum(n for (name, _), n in facts(after).items() if name == expanded(RATING)) == 1


def test_a_prefix_of_ones_own_is_no_other_property():
    other = b'<rdf:Description xmlns:a="http://ns.adobe.com/xap/1.0/" a:Rating="2"/>'
    data = packet("").replace(b"</rdf:RDF>", other + b"</rdf:RDF>")
    assert read_packet(data).simple == {RATING: "2"}
    assert b'a:Rating="4"' in edit_packet(data, Changes(set={RATING: "4"}))


def test_the_same_prefix_for_another_namespace_is_another_property():
    data = packet("").replace(b"http://ns.adobe.com/xap/1.0/", b"http://other.example/")
    after = edit_packet(data.replace(b'about=""', b'about="" xmp:Rating="1"'),
                        Changes(set={RATING: "4"}))  # fmt: skip
    assert read_packet(after).simple == {RATING: "4"}
    assert b'xmp:Rating="1"' in after


KEYWORDS = {
    "bag": "<dc:subject><rdf:Bag><rdf:li>a</rdf:li><rdf:li>iae|x</rdf:li></rdf:Bag></dc:subject>",
    "seq": "<dc:subject><rdf:Seq><rdf:li>a</rdf:li><rdf:li>iae|x</rdf:li></rdf:Seq></dc:subject>",
    "alt": '<dc:subject><rdf:Alt><rdf:li xml:lang="x-default">a</rdf:li><rdf:li>iae|x</rdf:li>'
    "</rdf:Alt></dc:subject>",
    "numbered": "<dc:subject><rdf:Bag><rdf:_1>a</rdf:_1><rdf:_2>iae|x</rdf:_2></rdf:Bag>"
    "</dc:subject>",
    "items in two lists": "<dc:subject><rdf:Bag><rdf:li>a</rdf:li></rdf:Bag></dc:subject>"
    "<dc:subject><rdf:Bag><rdf:li>iae|x</rdf:li></rdf:Bag></dc:subject>",
    "qualified items": '<dc:subject><rdf:Bag><rdf:li rdf:parseType="Resource">'
    "<rdf:value>a</rdf:value><q:by>me</q:by></rdf:li><rdf:li>iae|x</rdf:li></rdf:Bag></dc:subject>",
    "qualified list": '<dc:subject rdf:parseType="Resource"><rdf:value><rdf:Bag><rdf:li>a</rdf:li>'
    "<rdf:li>iae|x</rdf:li></rdf:Bag></rdf:value><q:by>me</q:by></dc:subject>",
    "text and list": "<dc:subject>a</dc:subject>"
    "<dc:subject><rdf:Bag><rdf:li>iae|x</rdf:li></rdf:Bag></dc:subject>",
}


@pytest.mark.parametrize("form", KEYWORDS.values(), ids=KEYWORDS.keys())
def test_keywords_are_read_added_and_removed_in_every_form(form: str):
    data = packet(form)
    assert read_packet(data).lists == {SUBJECT: ("a", "iae|x")}
    after = edit_packet(data, Changes(add={SUBJECT: ("n & m",)}, remove={SUBJECT: ("iae|x",)}))
    assert sorted(read_packet(after).lists[SUBJECT]) == ["a", "n & m"]
    assert (b"q:by" in after) == ("q:by" in form)


def test_numbered_items_go_on_counting():
    after = edit_packet(packet(KEYWORDS["numbered"]), Changes(add={SUBJECT: ("b",)}))
    assert b"<rdf:_3>b</rdf:_3>" in after


@pytest.mark.parametrize(
    "data",
    [
        packet("<dc:subject>a</dc:subject>"),
        packet("", description='rdf:about="" dc:subject="a"'),
    ],
)
def test_keywords_in_plain_text_become_a_list_with_the_text_in_it(data: bytes):
    after = edit_packet(data, Changes(add={SUBJECT: ("b",)}))
    assert read_packet(after).lists == {SUBJECT: ("a", "b")}
    bag = ("Bag", (("text", "a"), ("text", "b")))
    assert facts(after) == {(expanded(SUBJECT), bag): 1}


def test_an_empty_list_is_filled():
    after = edit_packet(packet("<dc:subject><rdf:Bag/></dc:subject>"),
                        Changes(add={SUBJECT: ("b",)}))  # fmt: skip
    assert b"<dc:subject><rdf:Bag><rdf:li>b</rdf:li></rdf:Bag></dc:subject>" in after


@pytest.mark.parametrize(
    "form", ["<dc:subject><rdf:Bag><rdf:li>iae|x</rdf:li></rdf:Bag></dc:subject>",
             "<dc:subject>iae|x</dc:subject>"],
)  # fmt: skip
def test_a_list_that_holds_nothing_any_more_goes(form: str):
    after = edit_packet(packet(form), Changes(remove={SUBJECT: ("iae|x",)}))
    assert after == packet("")


def test_new_lists_have_the_kind_their_property_is_defined_with():
    changes = Changes(add={SUBJECT: ("a",), HIERARCHICAL: ("a|b",), TAGS: ("a/b",)})
    after = edit_packet(packet(""), changes)
    kinds = {name: value[0] for name, value in facts(after)}
    assert kinds == {expanded(SUBJECT): "Bag", expanded(HIERARCHICAL): "Bag", expanded(TAGS): "Seq"}


@pytest.mark.parametrize(
    ("inner", "message"),
    [
        ("<xmp:Rating><rdf:Bag><rdf:li>3</rdf:li></rdf:Bag></xmp:Rating>",
         "has a structure in xmp:Rating, where text is meant to be"),
        ("<dc:subject><q:a/></dc:subject>", "has in dc:subject neither a Bag nor a Seq nor an Alt"),
        ('<dc:subject><rdf:Bag><rdf:li rdf:parseType="Resource"><q:a/></rdf:li></rdf:Bag>'
         "</dc:subject>", "has a structure in an item of dc:subject"),
    ],
)  # fmt: skip
def test_a_form_that_rdf_does_not_allow_is_refused(inner: str, message: str):
    with pytest.raises(XmpError, match=message):
        read_packet(packet(inner))


@pytest.mark.parametrize("about", ['rdf:about=""', 'about=""', "", 'rdf:about="uuid:1-2"'])
def test_every_way_to_name_the_photo_is_kept(about: str):
    before = packet("<q:a>1</q:a>", description=about)
    after = edit_packet(before, Changes(set={LABEL: "Red"}))
    assert read_packet(after).simple == {LABEL: "Red"}
    assert after.replace(b"<xmp:Label>Red</xmp:Label>", b"") == before


def test_rdf_without_a_description_gets_one():
    data = b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>'
    after = edit_packet(data, Changes(set={RATING: "1"}))
    assert b'<rdf:Description rdf:about="">' in after
    assert read_packet(after).simple == {RATING: "1"}


def test_a_structure_with_the_same_property_inside_is_another_ones():
    data = packet('<q:s rdf:parseType="Resource"><xmp:Rating>1</xmp:Rating></q:s>'
                  '<q:t><rdf:Description xmp:Rating="2"/></q:t>')  # fmt: skip
    assert read_packet(data).simple == {}
    after = edit_packet(data, Changes(set={RATING: "4"}))
    assert after.replace(b"<xmp:Rating>4</xmp:Rating>", b"") == data
