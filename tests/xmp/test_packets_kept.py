"""Whatever others wrote says the same afterwards: samples, and packets made by hypothesis."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packets import SAMPLES
from rdf_facts import facts, other_facts

from iae.xmp.marks import HIERARCHICAL, LISTS, OWN, PICK, RATING, SUBJECT, TAGS, Marks, expanded
from iae.xmp.marks import is_own as own_keyword
from iae.xmp.merge import changes
from iae.xmp.packet import EMPTY, edit_packet, read_packet

OURS = {expanded(name) for name in (*OWN, *OWN.values(), *LISTS)}
MOOD = ("iae|mood|awe",)
MARKS = Marks(rating=5, label="Blue", keywords=MOOD, hierarchical=MOOD, pick=3)


def edited(data: bytes, marks: Marks = MARKS, *, overwrite: bool = False) -> bytes:
    return edit_packet(data, changes(read_packet(data), marks, overwrite=overwrite))


@pytest.mark.parametrize("name", SAMPLES)
def test_a_known_programs_sidecar_says_all_it_said(name: str):
    data = SAMPLES[name]
    after = edited(data)
    assert other_facts(after, OURS) == other_facts(data, OURS)
    before, now = read_packet(data), read_packet(after)
    for prop, items in before.lists.items():
        assert now.lists[prop][: len(items)] == items
    assert now.lists[SUBJECT][-1] == "iae|mood|awe"


@pytest.mark.parametrize("name", SAMPLES)
def test_taking_our_marks_away_again_leaves_the_sidecar_as_it_was_but_for_notes(name: str):
    data = SAMPLES[name]
    with_mood = edited(data, Marks(keywords=MOOD))
    assert edited(with_mood, Marks(keywords=())) == data


def test_stars_of_lightroom_and_darktable_stay_and_none_of_digikam_are_replaced():
    stars = {name: read_packet(edited(data)).simple[RATING] for name, data in SAMPLES.items()}
    assert stars == {"lightroom": "3", "darktable": "1", "digikam": "5"}


def test_digikams_own_list_and_pick_are_kept_up():
    after = read_packet(edited(SAMPLES["digikam"]))
    assert after.lists[TAGS] == ("Nature/Sea", "iae/mood/awe")
    assert after.simple[PICK] == "3"


def test_a_new_packet_says_the_marks_and_nothing_else():
    after = edited(EMPTY)
    assert other_facts(after, OURS) == {}
    values = read_packet(after)
    assert values.simple == {**dict.fromkeys([RATING, OWN[RATING]], "5"),
                             **dict.fromkeys(["xmp:Label", "iae:Label"], "Blue"),
                             **dict.fromkeys([PICK, OWN[PICK]], "3")}  # fmt: skip
    assert values.lists == {SUBJECT: MOOD, HIERARCHICAL: MOOD}


URIS = {
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "lr": "http://ns.adobe.com/lightroom/1.0/",
    "digiKam": "http://www.digikam.org/ns/1.0/",
    "iae": "urn:x-iae:xmp/1.0/",
    "f": "http://foreign.example/a#",
    "g": "http://foreign.example/b/",
}
WORDS = st.text(st.sampled_from("aé|/<&>\"' 漢\U0001f600"), min_size=1, max_size=8).map(
    lambda text: text.strip() or "x"
)
OWN_WORDS = st.sampled_from(["iae|mood|fear", "iae/mood/awe", "iae|mood|awe"])
ITEMS = st.lists(WORDS | OWN_WORDS, max_size=4)


def escaped(text: str) -> str:
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&#62;"), ('"', "&quot;")):
        text = text.replace(character, entity)
    return text


@st.composite
def values(draw: st.DrawFn, name: str) -> str:
    """Text, a list or a structure of a foreign property, as an element."""
    kind = draw(st.sampled_from(["text", "lang", "Bag", "Seq", "Alt", "resource", "struct", "uri"]))
    word = escaped(draw(WORDS))
    match kind:
        case "text":
            return f"<{name}>{word}</{name}>"
        case "lang":
            return f'<{name} xml:lang="de">{word}</{name}>'
        case "resource":
            return f'<{name} rdf:parseType="Resource"><f:x>{word}</f:x><g:y/></{name}>'
        case "struct":
            return f'<{name}><rdf:Description f:x="{word}"><g:y>1</g:y></rdf:Description></{name}>'
        case "uri":
            return f'<{name} rdf:resource="{word}"/>'
        case _:
            inner = "".join(f"<rdf:li>{escaped(item)}</rdf:li>" for item in draw(ITEMS))
            return f"<{name}>\n <rdf:{kind}>{inner}</rdf:{kind}></{name}>"


@st.composite
def blocks(draw: st.DrawFn) -> str:
    """One rdf:Description with foreign properties and, in any form, some of those we know."""
    about = draw(st.sampled_from(['rdf:about=""', 'about=""', "", 'rdf:about="uuid:1"']))
    names = draw(st.lists(st.sampled_from(["f:p", "g:q", "f:r", "xmp:CreateDate", "dc:title"]),
                          max_size=4, unique=True))  # fmt: skip
    inner = [draw(values(name)) for name in names]
    attributes = [f'f:attribute="{escaped(draw(WORDS))}"'] if draw(st.booleans()) else []
    for name in draw(st.lists(st.sampled_from(["xmp:Rating", "xmp:Label", "iae:Rating"]),
                              unique=True)):  # fmt: skip
        value = draw(st.sampled_from(["0", "3", "-1", "4.0"]))
        if draw(st.booleans()):
            attributes.append(f'{name}="{value}"')
        else:
            inner.append(f"<{name}>{value}</{name}>")
    for name in draw(st.lists(st.sampled_from(list(LISTS)), unique=True)):
        kind = draw(st.sampled_from(["Bag", "Seq", "Alt"]))
        items = "".join(f"<rdf:li>{escaped(item)}</rdf:li>" for item in draw(ITEMS))
        inner.append(f"<{name}><rdf:{kind}>{items}</rdf:{kind}></{name}>")
    space = draw(st.sampled_from(["", "\n   "]))
    body = space.join(["", *draw(st.permutations(inner)), "<!-- kept -->"])
    return f"<rdf:Description {about} {' '.join(attributes)}>{body}</rdf:Description>"


@st.composite
def packets(draw: st.DrawFn) -> bytes:
    declared = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in URIS.items())
    inner = "".join(draw(st.lists(blocks(), max_size=3)))
    return (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        f"{declared}>{inner}</rdf:RDF></x:xmpmeta><?xpacket end='w'?>"
    ).encode()


@st.composite
def wanted(draw: st.DrawFn) -> Marks:
    moods = draw(st.none() | st.lists(st.sampled_from(["iae|mood|awe", "iae|mood|joy", "sea"]),
                                      max_size=2, unique=True).map(tuple))  # fmt: skip
    return Marks(rating=draw(st.none() | st.integers(-1, 5)), keywords=moods, hierarchical=moods,
                 label=draw(st.none() | st.just("Red & <blue>")),
                 pick=draw(st.none() | st.integers(0, 3)))  # fmt: skip


@given(packets(), wanted(), st.booleans())
def test_an_edit_changes_what_we_say_and_nothing_that_others_said(
    data: bytes, marks: Marks, overwrite: bool
):
    before = read_packet(data)
    after = edited(data, marks, overwrite=overwrite)
    now = read_packet(after)
    assert other_facts(after, OURS) == other_facts(data, OURS)
    assert after.count(b"<!-- kept -->") == data.count(b"<!-- kept -->")
    for name in LISTS:
        theirs = [item for item in before.lists.get(name, ()) if not own_keyword(item)]
        still = [item for item in now.lists.get(name, ()) if item in theirs]
        assert sorted(still) == sorted(theirs)
    assert not changes(now, marks, overwrite=overwrite)  # a second run has nothing to do
    if overwrite and marks.rating is not None:
        assert float(now.simple.get(RATING, "0")) == marks.rating


@given(packets())
def test_nothing_to_change_gives_the_same_bytes(data: bytes):
    assert edited(data, Marks()) == data


@given(packets(), wanted())
def test_both_readers_agree_on_what_was_written(data: bytes, marks: Marks):
    after = edited(data, marks, overwrite=True)
    said = [value for (name, value) in facts(after) if name == expanded(RATING)]
    if marks.rating:
        assert {float(str(value[1])) for value in said} == {marks.rating}
