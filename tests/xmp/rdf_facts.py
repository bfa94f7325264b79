"""What a packet says, by another reader: ElementTree, and the rules of RDF/XML as XMP uses them.

Two packets that say the same have equal facts, however they are written.
"""

import xml.etree.ElementTree as ET
from collections import Counter

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
Fact = tuple[object, ...]


def facts(packet: bytes | str) -> Counter[tuple[str, Fact]]:
    """(property, value) of every property of the photo, each as often as it is said."""
    found: Counter[tuple[str, Fact]] = Counter()
    rdf = next(element for element in ET.fromstring(packet).iter() if element.tag == f"{RDF}RDF")
    for block in rdf.findall(f"{RDF}Description"):
        found.update(_properties(block))
    return found


def other_facts(packet: bytes | str, names: set[str]) -> Counter[tuple[str, Fact]]:
    """The facts of all but these properties, given as ``{namespace}local``."""
    return Counter({fact: n for fact, n in facts(packet).items() if fact[0] not in names})


def _properties(block: ET.Element) -> list[tuple[str, Fact]]:
    said = [(key, ("text", value)) for key, value in block.attrib.items() if _is_property(key)]
    return said + [(child.tag, _value(child)) for child in block]


def _is_property(key: str) -> bool:
    return key.startswith("{") and not key.startswith((RDF, "{http://www.w3.org/XML/"))


def _value(element: ET.Element) -> Fact:
    language = (("lang", element.get(LANG)),) if LANG in element.attrib else ()
    return (*_content(element), *language)


def _content(element: ET.Element) -> Fact:
    if f"{RDF}resource" in element.attrib:
        return ("uri", element.get(f"{RDF}resource"))
    children = list(element)
    if len(children) == 1 and children[0].tag in (f"{RDF}Bag", f"{RDF}Seq", f"{RDF}Alt"):
        items = [_value(item) for item in children[0]]
        kind = children[0].tag.removeprefix(RDF)
        return (kind, tuple(sorted(items, key=repr)) if kind == "Bag" else tuple(items))
    if len(children) == 1 and children[0].tag == f"{RDF}Description":
        return ("struct", _struct(children[0]))
    if children or element.get(f"{RDF}parseType") == "Resource" or _has_fields(element):
        return ("struct", _struct(element))
    return ("text", element.text or "")


def _has_fields(element: ET.Element) -> bool:
    return any(_is_property(key) for key in element.attrib)


def _struct(block: ET.Element) -> tuple[object, ...]:
    value = [(f"{RDF}value", ("text", block.get(f"{RDF}value")))] * (f"{RDF}value" in block.attrib)
    return tuple(sorted([*_properties(block), *value], key=repr))
