"""The properties we know, read and changed in the RDF of a packet.

RDF/XML writes one thing in many ways. A property is an attribute of ``rdf:Description`` or an
element inside; its value stands there, or in an ``rdf:value`` beside qualifiers of it; a list is a
Bag, Seq or Alt. There can be several descriptions, and all those directly below ``rdf:RDF`` speak
of the photo. (XMP specification part 1, ISO 16684-1:2019, sections 6 and 7 and annex C.)
"""

from collections.abc import Iterable

from iae.errors import XmpError
from iae.xmp.marks import LISTS, NAMESPACES, OWN, SIMPLE, Values, expanded
from iae.xmp.merge import Changes
from iae.xmp.syntax import Document, Element

_RDF = f"{{{NAMESPACES['rdf']}}}"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_CONTAINERS = {f"{_RDF}{kind}" for kind in ("Bag", "Seq", "Alt")}


def values_of(document: Document) -> Values:
    """What the packet says in the properties we know.

    Raises:
        XmpError: it is no XMP, or one of these properties has a form that RDF does not allow.
    """
    blocks = _descriptions(_rdf(document))
    simple = {name: text for name in (*SIMPLE, *OWN.values())
              if (text := _simple(blocks, name)) is not None}  # fmt: skip
    lists = {name: tuple(text for text, _ in _items(blocks, name))
             for name in LISTS if _found(blocks, name)}  # fmt: skip
    return Values(simple=simple, lists=lists)


def apply(document: Document, changes: Changes) -> None:
    """Change the packet in place; what is not named in the changes stays as it was written.

    Raises:
        XmpError: as ``values_of``.
    """
    rdf = _rdf(document)
    if not changes:
        return
    blocks = _descriptions(rdf) or [_new_description(rdf)]
    for name, value in changes.set.items():
        _set_simple(blocks, name, value)
    for name, gone in changes.remove.items():
        _remove_items(blocks, name, set(gone))
    for name, new in changes.add.items():
        _add_items(blocks, name, new)


def _rdf(document: Document) -> Element:
    found = [element for element in document.root.walk() if element.name == f"{_RDF}RDF"]
    if not found:
        raise XmpError("is XML but no XMP: it has no rdf:RDF")
    if len(found) > 1:
        raise XmpError(f"holds {len(found)} packets (rdf:RDF), where one is meant to be")
    return found[0]


def _new_description(rdf: Element) -> Element:
    block = rdf.append(f"{_RDF}Description", "rdf")
    block.add_attribute(f"{_RDF}about", "")
    return block


def _descriptions(rdf: Element) -> list[Element]:
    return rdf.find(f"{_RDF}Description")


def _found(blocks: Iterable[Element], name: str) -> list[tuple[Element, Element | None]]:
    """Every place of a property: the description, and the element (None for an attribute)."""
    key = expanded(name)
    places: list[tuple[Element, Element | None]] = []
    for block in blocks:
        places += [(block, None)] if key in block.attributes else []
        places += [(block, element) for element in block.find(key)]
    return places


def _value_node(element: Element) -> Element | None:
    """Where the value of a property stands that has qualifiers; None if it has none.

    ``<p rdf:parseType="Resource"><rdf:value>`` and ``<p><rdf:Description><rdf:value>``.
    """
    for holder in (element, *element.find(f"{_RDF}Description")):
        values = holder.find(f"{_RDF}value")
        if values:
            return values[0]
    return None


def _text(element: Element, name: str) -> str:
    node = _value_node(element)
    if node is not None:
        return node.text.strip()
    for holder in (element, *element.find(f"{_RDF}Description")):
        if f"{_RDF}value" in holder.attributes:
            return holder.attributes[f"{_RDF}value"]
    if element.children:
        raise XmpError(f"has a structure in {name}, where text is meant to be")
    return element.attributes.get(f"{_RDF}resource", element.text).strip()


def _simple(blocks: list[Element], name: str) -> str | None:
    for block, element in _found(blocks, name):
        if element is None:
            return block.attributes[expanded(name)].strip()
        return _text(element, name)
    return None


def _set_simple(blocks: list[Element], name: str, value: str) -> None:
    """Set the first place of the property; other places of it would contradict it and go."""
    places = _found(blocks, name)
    if not places:
        _new(blocks, name).set_text(value)
        return
    block, element = places[0]
    for other_block, other in places[1:]:
        _remove_place(other_block, other, name)
    if element is None:
        block.set_attribute(expanded(name), value)
        return
    node = _value_node(element)
    if node is not None:
        node.set_text(value)
        return
    for holder in (element, *element.find(f"{_RDF}Description")):
        if f"{_RDF}value" in holder.attributes:
            holder.set_attribute(f"{_RDF}value", value)
            return
    if f"{_RDF}resource" in element.attributes:
        element.remove_attribute(f"{_RDF}resource")
    element.set_text(value)


def _new(blocks: list[Element], name: str) -> Element:
    return blocks[0].append(expanded(name), name.split(":")[0])


def _remove_place(block: Element, element: Element | None, name: str) -> None:
    if element is None:
        block.remove_attribute(expanded(name))
    else:
        block.remove(element)


def _container(element: Element, name: str) -> Element | None:
    """The Bag, Seq or Alt of a list; None where the property is a plain text or empty.

    Raises:
        XmpError: there is something else inside.
    """
    holder = _value_node(element) or element
    found = [child for child in holder.children if child.name in _CONTAINERS]
    if not found and holder.children:
        raise XmpError(f"has in {name} neither a Bag nor a Seq nor an Alt")
    return found[0] if found else None


def _is_item(element: Element) -> bool:
    """``rdf:li``, or a numbered ``rdf:_1``."""
    return element.name == f"{_RDF}li" or element.name.startswith(f"{_RDF}_")


def _items(blocks: list[Element], name: str) -> list[tuple[str, tuple[Element, Element] | None]]:
    """The items of a list, each with (container, item); with None where it is plain text."""
    found: list[tuple[str, tuple[Element, Element] | None]] = []
    for block, element in _found(blocks, name):
        container = None if element is None else _container(element, name)
        if container is not None:
            found += [(_text(item, f"an item of {name}"), (container, item))
                      for item in container.children if _is_item(item)]  # fmt: skip
            continue
        if text := _plain(block, element, name):
            found.append((text, None))
    return found


def _plain(block: Element, element: Element | None, name: str) -> str:
    """The text of a list that is written as an attribute, or as text without a container."""
    return (block.attributes[expanded(name)] if element is None else _text(element, name)).strip()


def _remove_items(blocks: list[Element], name: str, gone: set[str]) -> None:
    for text, place in _items(blocks, name):
        if text in gone and place is not None:
            container, item = place
            container.remove(item)
    for block, element in _found(blocks, name):
        left = None if element is None else _container(element, name)
        if left is None:
            if _plain(block, element, name) in gone:
                _remove_place(block, element, name)
        elif element is not None and not left.children:
            block.remove(element)


def _add_items(blocks: list[Element], name: str, new: Iterable[str]) -> None:
    container = _list_to_add_to(blocks, name)
    numbered = any(child.name.startswith(f"{_RDF}_") for child in container.children)
    for number, text in enumerate(new, len(container.children) + 1):
        tag = f"_{number}" if numbered else "li"
        container.append(f"{_RDF}{tag}", "rdf").set_text(text)


def _list_to_add_to(blocks: list[Element], name: str) -> Element:
    """The first container of the property. A list written as plain text becomes one."""
    places = _found(blocks, name)
    for _, element in places:
        container = None if element is None else _container(element, name)
        if container is not None:
            return container
    if not places:
        return _new(blocks, name).append(f"{_RDF}{LISTS[name]}", "rdf")
    block, element = places[0]
    text = _plain(block, element, name)
    if element is None:
        block.remove_attribute(expanded(name))
        element = block.append(expanded(name), name.split(":")[0])
    element.set_text("")
    container = element.append(f"{_RDF}{LISTS[name]}", "rdf")
    if text:
        container.append(f"{_RDF}li", "rdf").set_text(text)
    return container
