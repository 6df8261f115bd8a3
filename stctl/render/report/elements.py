"""Elements of HTML as functions, so that no text gets into a page unescaped.

A child that is text is escaped, always. Only what this module made is taken as markup, for it is no
`str`: neither a format string nor a `+` turns text into it by accident. `trusted` is the one way
around, for the style, the script and the drawings of stctl itself.
"""

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

_VOID: Final = frozenset({"br", "hr", "img", "input", "link", "meta", "wbr"})
_NAME: Final = re.compile(r"[a-z][a-z0-9-]*\Z")
_LINK: Final = re.compile(r"(?:#|https?://)[!-~]*\Z")
_NEVER: Final = re.compile(r"on|style\Z|srcdoc\Z|action\Z|formaction\Z")
"""Attributes that could run a script or restyle the page from within a text."""


@dataclass(frozen=True, slots=True)
class Html:
    """Markup that is whole and safe."""

    text: str


Content: TypeAlias = str | int | Html | Iterable["Content"] | None
"""What an element may hold; None is nothing."""
Attribute: TypeAlias = str | int | bool | None


def el(name: str, /, *children: Content, **attributes: Attribute) -> Html:
    """One element; in names of attributes `class_` is `class` and `_` is `-`.

    An attribute that is True stands alone, one that is False or None is left out. A link that leads
    neither into the page nor to http or https is left out. Raises ValueError for a name that no
    page of stctl uses.
    """
    if not _NAME.match(name):
        raise ValueError(f"{name!r} is no element")
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{_inside(children)}</{name}>")


def join(*children: Content) -> Html:
    """Several pieces, one after the other."""
    return Html(_inside(children))


def trusted(text: str) -> Html:
    """Markup that is stctl's own and holds nothing of a trace that was not escaped before."""
    return Html(text)


def prose(text: str) -> list[Content]:
    """A text of stctl's own, in which what stands between backticks is code.

    >>> join(*prose("see `a` there")).text
    'see <code>a</code> there'
    """
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return [text]
    return [el("code", part) if place % 2 else part for place, part in enumerate(parts)]


def shown(text: str) -> str:
    r"""Text as it may stand on a page: control and direction characters are written out.

    Line feeds and tabs stay. Lone halves of characters, which UTF-8 cannot write, are written out.

    >>> print(shown("a\x00\u202eb"))
    a\x00\u202eb
    """
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in "\n\t" else repr(char)[1:-1] for char in text
    )


def _inside(children: Iterable[Content]) -> str:
    return "".join(_content(child) for child in children)


def _content(child: Content) -> str:
    match child:
        case None:
            return ""
        case Html(text=text):
            return text
        case str():
            return html.escape(shown(child))
        case int():
            return str(child)
        case _:
            return _inside(child)


def _attribute(key: str, value: Attribute) -> str:
    name = key.rstrip("_").replace("_", "-")
    if not _NAME.match(name) or _NEVER.match(name):
        raise ValueError(f"{name!r} is no attribute of a report")
    if value is None or value is False:
        return ""
    if value is True:
        return f" {name}"
    text = shown(str(value))
    if name in {"href", "src"} and not _LINK.match(text):
        return ""
    return f' {name}="{html.escape(text)}"'
