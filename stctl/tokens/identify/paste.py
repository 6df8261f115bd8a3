"""The closer look at a paste: one wrapped token, several, a broken one, or nothing."""

import re
from itertools import islice
from typing import Final

from stctl.tokens.identify.entry import WHOLE
from stctl.tokens.identify.kinds import classify
from stctl.tokens.identify.model import MOST_FOUND, Broken, Finding, Found, Undone
from stctl.tokens.identify.unwrap import decode_percent, plain_text, unwrap
from stctl.tokens.identify.value import read_value
from stctl.tokens.problem import TokenProblem

_TOKEN: Final = re.compile(r"[\w+/-]++=*+(?:\.[\w+/-]*+=*+)*+(?:;\d+)?", re.ASCII)
_BEARER: Final = re.compile(r"bearer[ \t]+(?=\S+$)", re.IGNORECASE)


def look_closely(text: str) -> list[Found]:
    """What is in a paste that is not simply one access token; see `identify`."""
    bare = text.strip("\ufeff\0").strip()
    if not bare:
        problem = TokenProblem("token", "the input is empty")
        return [Broken(text="", source=WHOLE, expected=None, problem=problem)]
    found = _one_word(bare) or _several(bare)
    if any(not isinstance(item, Broken) for item in found):
        return [_as_whole(item, bare) for item in found] if len(found) == 1 else found
    mended = _mended(bare)
    if mended:
        return mended
    # Pieces of one broken word tell less than the word.
    named = [item for item in found if item.source.place != "position"]
    return named or (found if _has_space(bare) else []) or [_hopeless(bare)]


def _as_whole(item: Found, bare: str) -> Found:
    """The one thing that was found, which may be all that there is in spite of odd characters."""
    is_whole = isinstance(item, Finding) and item.text == bare
    return item._replace(source=WHOLE) if is_whole else item


def _one_word(bare: str) -> list[Found]:
    """The whole paste as one token, where it has the form of one word."""
    word = _BEARER.sub("", bare, count=1) if bare[:1] in "bB" else bare
    inner, _ = unwrap(word)
    if not _TOKEN.fullmatch(inner):
        return []
    found = read_value(word, WHOLE, None)
    return [found] if isinstance(found, Finding) or "." in inner else []


def _several(bare: str) -> list[Found]:
    # A paste that is one word, which is the most common one, needs none of this.
    from stctl.tokens.identify.blobs import read_blob, scan_blob
    from stctl.tokens.identify.scan import scan

    blob = read_blob(bare)
    found = scan(plain_text(bare)) if blob is None else scan_blob(blob)
    return _worthy(list(islice(found, MOST_FOUND)))


def _worthy(found: list[Found]) -> list[Found]:
    """What is left when UUIDs without a name count only where there is nothing else."""
    named = [item for item in found if not _is_nameless_uuid(item)]
    return named or found


def _is_nameless_uuid(item: Found) -> bool:
    return isinstance(item, Finding) and item.kind == "uuid"


def _mended(bare: str) -> list[Found]:
    """One token that white space has broken, or a text that is percent-encoded as a whole."""
    attempts: tuple[tuple[str, Undone], ...] = (
        ("+".join(bare.split(" ")), "spaces-for-plus"),
        ("".join(bare.split()), "white-space"),
    )
    for text, undone in attempts:
        finding = _read_mended(text, undone) if text != bare else None
        if finding is not None:
            return [finding]
    decoded = decode_percent(bare)
    return _several(decoded) if decoded != bare else []


def _read_mended(text: str, undone: Undone) -> Finding | None:
    inner, others = unwrap(text)
    if not _TOKEN.fullmatch(inner):
        return None
    try:
        kind, body = classify(inner, None)
    except TokenProblem:
        return None
    return Finding(
        kind=kind,
        body=body,
        text=inner,
        source=WHOLE,
        expected=None,
        undone=(undone, *others),
    )


def _has_space(bare: str) -> bool:
    return len(bare.split(None, 1)) > 1


def _hopeless(bare: str) -> Broken:
    if not _has_space(bare):
        found = read_value(bare, WHOLE, None)
        if isinstance(found, Broken):
            return found
    problem = TokenProblem("token", "nothing in it looks like a token")
    return Broken(text=bare, source=WHOLE, expected=None, problem=problem)
