"""XML as a tree that still knows how each part was written.

Expat says what an XML text means and where each part begins; the tree keeps the text itself.
Whatever is not edited is therefore written back character for character: prefixes, quotes, white
space, comments, processing instructions, properties nobody here has heard of.

Document types are refused, so that no entity is ever expanded and nothing is ever fetched.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape

from iae.errors import XmpError

MAX_DEPTH = 200
"""Elements inside elements; the deepest packets of known programs have some twenty."""

_XML = "http://www.w3.org/XML/1998/namespace"
_SEPARATOR = "\n"  # between namespace and name in what expat says; a namespace can hold a "}"
_ATTRIBUTE = re.compile(r"""(\s+)([^\s=/>]+)(\s*=\s*)("[^"]*"|'[^']*')""")
_NAME_END = re.compile(r"[\s/>]")


@dataclass(eq=False)
class Element:
    """One element and the text it was written as. Names are ``{namespace}local``."""

    name: str
    tag: str
    """The start tag, or the whole of an empty element (``<a/>``)."""
    attributes: dict[str, str]
    """Without the declarations of namespaces."""
    scope: Mapping[str, str]
    """Prefix -> namespace, as in force inside."""
    content: list["str | Element"] = field(default_factory=list)
    """Elements, and the text between them as it was written."""
    closing: str = ""
    """The end tag; empty for an empty element."""
    text: str = ""
    """The characters directly inside, entities and CDATA resolved."""

    @property
    def children(self) -> list["Element"]:
        """The elements directly inside."""
        return [part for part in self.content if isinstance(part, Element)]

    def find(self, name: str) -> list["Element"]:
        """The children of one name."""
        return [child for child in self.children if child.name == name]

    def walk(self) -> Iterator["Element"]:
        """This element and all below it, as written."""
        yield self
        for child in self.children:
            yield from child.walk()

    def source(self) -> str:
        """The element as text."""
        inner = (part if isinstance(part, str) else part.source() for part in self.content)
        return "".join([self.tag, *inner, self.closing])

    def set_attribute(self, name: str, value: str) -> None:
        """Give an attribute that is there another value."""
        self._rewrite(name, lambda m: f"{m[1]}{m[2]}{m[3]}{_quoted(value)}")
        self.attributes[name] = value

    def add_attribute(self, name: str, value: str) -> None:
        """Give an attribute that is not there; a prefix must stand for its namespace."""
        namespace, _, local = name[1:].rpartition("}")
        prefix = next(p for p, uri in self.scope.items() if uri == namespace and p)
        end = len(self.tag) - (1 if self.closing else 2)
        self.tag = f"{self.tag[:end]} {prefix}:{local}={_quoted(value)}{self.tag[end:]}"
        self.attributes[name] = value

    def remove_attribute(self, name: str) -> None:
        """Remove an attribute that is there."""
        self._rewrite(name, lambda m: "")
        del self.attributes[name]

    def set_text(self, value: str) -> None:
        """Hold this text and nothing else."""
        self._open()
        self.content = [escape(value)]
        self.text = value

    def append(self, name: str, prefix: str) -> "Element":
        """A new empty element after all others in here, on a line of its own where they are.

        Args:
            name: ``{namespace}local``.
            prefix: declared for the namespace where no prefix stands for it yet.
        """
        self._open()
        namespace, _, local = name[1:].rpartition("}")
        known = [p for p, uri in self.scope.items() if uri == namespace and p]
        prefix, declaration = (
            (known[0], "") if known else (prefix, f' xmlns:{prefix}="{namespace}"')
        )
        child = Element(
            name, f"<{prefix}:{local}{declaration}/>", {}, {**self.scope, prefix: namespace}
        )
        last = max((i for i, part in enumerate(self.content) if isinstance(part, Element)),
                   default=-1)  # fmt: skip
        space = (
            self.content[last - 1] if last > 0 else f"{self.content[0]} " if self.content else ""
        )
        if not isinstance(space, str) or not space.isspace() or "\n" not in space:
            space = ""
        self.content[last + 1 : last + 1] = [space, child] if space else [child]
        return child

    def remove(self, child: "Element") -> None:
        """Remove a child, with the white space before it."""
        i = next(i for i, part in enumerate(self.content) if part is child)
        before = self.content[i - 1] if i else None
        start = i - 1 if isinstance(before, str) and before.isspace() else i
        del self.content[start : i + 1]

    def _open(self) -> None:
        if not self.closing:
            qualified = self.tag[1 : _name_end(self.tag)]
            self.tag = self.tag[:-2].rstrip() + ">"
            self.closing = f"</{qualified}>"

    def _rewrite(self, name: str, change: Callable[[re.Match[str]], str]) -> None:
        start = _name_end(self.tag)
        parts = _ATTRIBUTE.sub(
            lambda m: change(m) if self._resolved(m[2]) == name else m[0], self.tag[start:]
        )
        self.tag = self.tag[:start] + parts

    def _resolved(self, qualified: str) -> str:
        prefix, colon, local = qualified.partition(":")
        return f"{{{self.scope.get(prefix, '')}}}{local}" if colon else qualified


@dataclass
class Document:
    """An XML text: one element, and what stands before and after it."""

    before: str
    root: Element
    after: str

    def source(self) -> str:
        """The text; that which was parsed, unless something was edited."""
        return self.before + self.root.source() + self.after


def parse(text: str) -> Document:
    """Parse XML of unknown origin.

    Raises:
        XmpError: it is not well-formed, declares a document type, or nests beyond ``MAX_DEPTH``.
    """
    return _Builder(text).build()


class _Builder:
    """Expat's events, with the text between them."""

    def __init__(self, text: str) -> None:
        try:
            self.data = text.encode("utf-8")
        except UnicodeEncodeError:
            raise XmpError("holds half a character (a lone surrogate)") from None
        self.position = 0
        self.stack: list[Element] = []
        self.scopes: list[dict[str, str]] = [{"xml": _XML}]
        self.declared: dict[str, str] = {}
        self.document: Document | None = None
        # The encoding is said here: a declaration in the text speaks of the file it came from.
        self.parser = expat.ParserCreate("utf-8", _SEPARATOR)
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartNamespaceDeclHandler = self._declare
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def build(self) -> Document:
        try:
            self.parser.Parse(self.data, True)
        except expat.ExpatError as error:
            what = expat.ErrorString(error.code)
            if what == "junk after document element":
                what = "something follows the packet, perhaps a second one"
            raise XmpError(f"is not well-formed XML: {what} (line {error.lineno})") from None
        assert self.document  # expat accepts no text without an element
        self.document.after = self.data[self.position :].decode()
        return self.document

    def _doctype(self, *_: object) -> None:
        raise XmpError("declares a document type, which no XMP has; it is not read further")

    def _declare(self, prefix: str | None, namespace: str | None) -> None:
        self.declared[prefix or ""] = namespace or ""

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.stack) == MAX_DEPTH:
            raise XmpError(f"has more than {MAX_DEPTH} elements inside each other")
        scope = {**self.scopes[-1], **self.declared} if self.declared else self.scopes[-1]
        self.declared = {}
        self.scopes.append(scope)
        start = self.parser.CurrentByteIndex
        before = self.data[self.position : start].decode()
        self.position = _tag_end(self.data, start)
        tag = self.data[start : self.position].decode()
        element = Element(
            _braced(name), tag, {_braced(key): value for key, value in attributes.items()}, scope
        )
        if self.stack:
            self.stack[-1].content += [before, element] if before else [element]
        else:
            self.document = Document(before, element, "")
        self.stack.append(element)

    def _end(self, _name: str) -> None:
        element = self.stack.pop()
        self.scopes.pop()
        if element.tag.endswith("/>"):
            return
        start = self.parser.CurrentByteIndex
        if start > self.position:
            element.content.append(self.data[self.position : start].decode())
        self.position = self.data.index(b">", start) + 1
        element.closing = self.data[start : self.position].decode()

    def _text(self, text: str) -> None:
        self.stack[-1].text += text


_TAG_END = re.compile(rb"""(?:[^"'>]|"[^"]*"|'[^']*')*>""")


def _tag_end(data: bytes, start: int) -> int:
    """Where the start tag ends: at the first ``>`` outside of quotes, as expat found it sound."""
    match = _TAG_END.match(data, start)
    assert match
    return match.end()


def _name_end(tag: str) -> int:
    match = _NAME_END.search(tag)
    assert match
    return match.start()


def _braced(name: str) -> str:
    namespace, separator, local = name.rpartition(_SEPARATOR)
    return f"{{{namespace}}}{local}" if separator else name


def _quoted(value: str) -> str:
    return '"' + escape(value, {'"': "&quot;", "\n": "&#10;", "\t": "&#9;", "\r": "&#13;"}) + '"'
