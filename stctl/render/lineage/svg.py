"""A family as a drawing that stands alone, or inside a page: no script, no font, no picture.

Lines and text have the colour of their surroundings, so that it can be read on light and dark;
what is good or bad has colours of its own, which a page may set as `--good`, `--warn` and `--bad`.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from stctl.render.lineage.branches import Row, rows_of
from stctl.render.lineage.words import (
    State,
    deeds,
    given_text,
    offset_text,
    rules_text,
    safe_text,
    start_ms,
    state_of,
    state_text,
)
from stctl.traces.lineage import Family
from stctl.traces.lineage.wording import short, theft_says

LinkOf = Callable[[int], str]
"""The address of an entry within the page."""

_ROW: Final = 46
_LANE: Final = 22
_MARGIN: Final = 18
_DOT: Final = 6
_BEND: Final = 10
_CHARACTER: Final = 6.7
"""About the width of a character of the small text."""
_LONGEST: Final = 110
_NARROWEST: Final = 260
_BETWEEN: Final = 24
_TITLE: Final = 50
_TITLE_CHARACTER: Final = 8.2

_PAINTS: Final = (
    (".current .node", "fill stroke", "good", "#2e7d32"),
    (".theft .node", "fill stroke", "bad", "#c62828"),
    (".branch .node", "stroke", "warn", "#b26a00"),
    (".current .state", "fill", "good", "#2e7d32"),
    (".theft .state", "fill", "bad", "#c62828"),
    (".branch .state", "fill", "warn", "#b26a00"),
)
_STYLE: Final = (
    ".lin{font:12px/1.4 system-ui,sans-serif}"
    ".lin text{fill:currentColor}"
    ".lin .hash{font:600 13px ui-monospace,monospace}"
    ".lin .small{opacity:.78}"
    ".lin .rail{fill:none;stroke:currentColor;stroke-opacity:.45;stroke-width:1.5}"
    ".lin .node{fill:none;stroke:currentColor;stroke-width:2}"
    ".lin .unused .node{stroke-dasharray:2 2;stroke-opacity:.6}"
    ".lin .theft .state{font-weight:600}"
)
_ALONE: Final = (
    "svg.lin{color:#1f2328;color-scheme:light dark}"
    "@media(prefers-color-scheme:dark){"
    "svg.lin{color:#e6edf3;--good:#57c267;--warn:#e3a33c;--bad:#ff6b63}}"
)


class _Picture(NamedTuple):
    """A drawing without its frame."""

    width: int
    height: int
    body: str


def family_svg(family: Family, link_of: LinkOf | None = None) -> str:
    """One family, to stand inside a page; `link_of` makes its rows links to entries.

    Empty for a family of which the trace shows no token.
    """
    if not family.generations:
        return ""
    picture = _picture(family, link_of, has_title=False)
    return _framed(picture, _description(family), "")


def forest_svg(families: Iterable[Family]) -> str:
    """All families below each other, as a file of its own."""
    height, width, parts = 0, _NARROWEST, list[str]()
    for family in families:
        if not family.generations:
            continue
        one = _picture(family, None, has_title=True)
        parts.append(f'<g transform="translate(0 {height})">{one.body}</g>')
        height, width = height + one.height + _BETWEEN, max(width, one.width)
    described = f"Family trees of sessions: {len(parts):,}"
    if not parts:
        parts, height = [_heading("No token is in the trace.", "")], _TITLE
    return _framed(_Picture(width, height, "".join(parts)), described, _ALONE) + "\n"


def _framed(picture: _Picture, described: str, more_style: str) -> str:
    width, height, body = picture
    style = "".join((_STYLE, *_paints(), more_style))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="lin" role="img" width="{width}" '
        f'height="{height}" viewBox="0 0 {width} {height}"><title>{safe_text(described)}</title>'
        f"<style>{style}</style>{body}</svg>"
    )


def _picture(family: Family, link_of: LinkOf | None, *, has_title: bool) -> _Picture:
    rows = rows_of(family)
    top = _TITLE if has_title else 0
    texts = [_texts(row, family) for row in rows]
    left = _MARGIN + (max(row.lane for row in rows) + 1) * _LANE
    title, subtitle = (_title(family), rules_text(family)) if has_title else ("", "")
    longest = max(left + len(small) * _CHARACTER for _, small in texts)
    heading = _MARGIN + max(len(title) * _TITLE_CHARACTER, len(subtitle) * _CHARACTER)
    drawn = (
        _row(row, texts[place], family, (left, _y(place, top)), link_of)
        for place, row in enumerate(rows)
    )
    return _Picture(
        width=int(max(longest, heading, _NARROWEST) + _MARGIN),
        height=top + len(rows) * _ROW + 4,
        body="".join(
            (*((_heading(title, subtitle),) if has_title else ()), *_rails(rows, top), *drawn)
        ),
    )


def _description(family: Family) -> str:
    tokens = f"Family tree of {len(family.generations)} refresh tokens"
    if family.session_handle:
        tokens = f"{tokens} of session {family.session_handle}"
    return f"{tokens}. {theft_says(family, family.theft)}" if family.theft else f"{tokens}."


def _title(family: Family) -> str:
    return f"session {family.session_handle or '(handle not in the trace)'}"


def _heading(title: str, subtitle: str) -> str:
    return (
        f'<text x="{_MARGIN}" y="20" class="hash">{safe_text(title)}</text>'
        f'<text x="{_MARGIN}" y="38" class="small">{safe_text(subtitle)}</text>'
    )


def _paints() -> Iterator[str]:
    """Colours twice: what does not know variables takes the first one."""
    for selector, properties, name, colour in _PAINTS:
        told = "".join(
            f"{one}:{colour};{one}:var(--{name},{colour});" for one in properties.split()
        )
        yield f".lin {selector}{{{told}}}"


def _x(lane: int) -> int:
    return _MARGIN + lane * _LANE


def _y(place: int, top: int) -> int:
    return top + place * _ROW + _ROW // 2


def _rails(rows: list[Row], top: int) -> Iterator[str]:
    places = {row.generation.refresh_hash: place for place, row in enumerate(rows)}
    for place, row in enumerate(rows):
        above = places.get(row.generation.parent_hash or "")
        if above is None:
            continue
        from_x, from_y = _x(rows[above].lane), _y(above, top) + _DOT
        to_x, to_y = _x(row.lane), _y(place, top)
        if from_x == to_x:
            way = f"M{from_x} {from_y}V{to_y - _DOT}"
        else:
            bend = f"V{to_y - _BEND}Q{from_x} {to_y} {from_x + _BEND} {to_y}"
            way = f"M{from_x} {from_y}{bend}H{to_x - _DOT}"
        yield f'<path class="rail" d="{way}"/>'


def _texts(row: Row, family: Family) -> tuple[str, str]:
    """The state of a generation, and what was done with it."""
    one = row.generation
    given = given_text(one, is_root=row.is_root)
    after = offset_text(one.issued.at_ms, start_ms(family)) if one.issued else ""
    done = [given if after in {"", "+0 ms"} else f"{given}, {after}"]
    done.extend(did.text for did in deeds(one, family))
    small = " · ".join(done)
    if len(small) > _LONGEST:
        small = f"{small[: _LONGEST - 1]}…"
    return state_text(state_of(one, family), family), small


def _row(
    row: Row,
    texts: tuple[str, str],
    family: Family,
    at: tuple[int, int],
    link_of: LinkOf | None,
) -> str:
    one, (left, y), (told, small) = row.generation, at, texts
    state: State = state_of(one, family)
    body = (
        f"<title>{safe_text(one.refresh_hash)}</title>"
        f'<circle class="node" cx="{_x(row.lane)}" cy="{y}" r="{_DOT}"/>'
        f'<text x="{left}" y="{y - 3}"><tspan class="hash">{short(one.refresh_hash)}</tspan>'
        f'<tspan dx="10" class="state">{safe_text(told)}</tspan></text>'
        f'<text x="{left}" y="{y + 14}" class="small">{safe_text(small)}</text>'
    )
    entry = _entry(one.refresh_hash, family)
    if link_of is not None and entry is not None:
        body = f'<a href="{safe_text(link_of(entry))}">{body}</a>'
    return f'<g class="{state}">{body}</g>'


def _entry(refresh_hash: str, family: Family) -> int | None:
    """Where a generation is best looked at: the theft, else where it was given, else used."""
    one = family.generation(refresh_hash)
    if one is None:
        return None
    if family.theft is not None and family.theft.generation == refresh_hash:
        return family.theft.entry
    seen = one.issued or next(iter(one.uses), None)
    return None if seen is None else seen.entry
