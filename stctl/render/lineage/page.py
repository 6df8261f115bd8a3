"""Families as one small page of HTML that needs nothing else: no script, no network."""

from collections.abc import Iterable, Iterator
from typing import Final

from stctl.render.lineage.svg import family_svg
from stctl.render.lineage.words import SUSPECTS, client_text, ended_text, rules_text, safe_text
from stctl.traces.lineage import Family, Rules
from stctl.traces.lineage.wording import theft_says

_CSS: Final = (
    ":root{color-scheme:light dark;--fg:#1f2328;--bg:#fff;--line:#d0d7de;"
    "--good:#2e7d32;--warn:#b26a00;--bad:#c62828}"
    "@media(prefers-color-scheme:dark){:root{--fg:#e6edf3;--bg:#0d1117;--line:#30363d;"
    "--good:#57c267;--warn:#e3a33c;--bad:#ff6b63}}"
    "body{font:15px/1.5 system-ui,sans-serif;color:var(--fg);background:var(--bg);"
    "max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "section{border-top:1px solid var(--line);padding:1rem 0}"
    "h2{font:600 1rem ui-monospace,monospace;overflow-wrap:anywhere}"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem}"
    "dt{opacity:.7}dd{margin:0}"
    ".tree{overflow-x:auto}.theft{border-left:4px solid var(--bad);padding-left:1rem}"
    "@media print{body{max-width:none}.tree{overflow:visible}}"
)


def page_html(families: Iterable[Family], title: str) -> Iterator[str]:
    """The whole page, family by family."""
    yield '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
    yield '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
    yield f"<title>{safe_text(title)}</title><style>{_CSS}</style></head>\n<body>\n"
    yield f"<h1>{safe_text(title)}</h1>\n"
    for family in families:
        yield family_html(family)
    yield "</body></html>\n"


def family_html(family: Family) -> str:
    """The section of one family: what is known of it, its tree, and the verdict."""
    title = safe_text(family.session_handle or "session without a handle in the trace")
    facts = "".join(
        f"<dt>{safe_text(name)}</dt><dd>{safe_text(text)}</dd>" for name, text in _facts(family)
    )
    tree = family_svg(family)
    return (
        f"<section><h2>{title}</h2><dl>{facts}</dl>"
        f'<div class="tree">{tree}</div>{verdict_html(family)}</section>\n'
    )


def verdict_html(family: Family) -> str:
    """What was theft and for whom the evidence speaks; empty where there is nothing to say."""
    pieces: list[str] = []
    if family.theft is not None:
        because = "".join(f"<li>{safe_text(piece)}</li>" for piece in family.theft.because)
        says = safe_text(theft_says(family, family.theft))
        suspect = safe_text(SUSPECTS[family.theft.suspect])
        pieces.append(f"<p><b>Theft.</b> {says}</p><p><b>{suspect}</b></p><ul>{because}</ul>")
    shown = [
        verdict
        for verdict in family.verdicts
        if family.rules is Rules.UNKNOWN
        or (family.theft is not None and verdict.rules is not family.rules)
    ]
    if shown:
        lead = (
            "The trace does not tell the CDI, and the verdict depends on it:"
            if family.rules is Rules.UNKNOWN
            else "By other rules:"
        )
        items = "".join(f"<li>{safe_text(verdict.says)}</li>" for verdict in shown)
        pieces.append(f"<p>{lead}</p><ul>{items}</ul>")
    kind = "theft" if family.theft is not None else "verdict"
    return f'<div class="{kind}">{"".join(pieces)}</div>' if pieces else ""


def _facts(family: Family) -> Iterator[tuple[str, str]]:
    if family.user_id:
        yield "user", family.user_id
    yield "rules", rules_text(family)
    for client in family.clients:
        yield f"client {client.label}", client_text(client.address, client.user_agent)
    ended = ended_text(family)
    if ended is not None:
        yield "ended", ended
