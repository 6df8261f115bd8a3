"""Small pieces of sentences that every screen and page words alike."""

import re
from collections.abc import Sequence
from typing import Final

_PLAIN: Final = re.compile(r"[a-z]+'?[a-z]*[,.:;]?(?:\s|$)")
"""A first word that is no name of a cookie, claim, setting or path."""


def count_of(number: int, thing: str) -> str:
    """A number with its noun.

    >>> count_of(1, "session"), count_of(1200, "session")
    ('1 session', '1,200 sessions')
    """
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def listed(parts: Sequence[str]) -> str:
    """Words as a list in a sentence; empty for none.

    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "".join(parts)


def sentence_case(text: str) -> str:
    """The text with a capital at its beginning, unless it begins with a name.

    >>> sentence_case("a claim"), sentence_case("sAccessToken is set"), sentence_case("st-ev fails")
    ('A claim', 'sAccessToken is set', 'st-ev fails')
    """
    return f"{text[:1].upper()}{text[1:]}" if _PLAIN.match(text) else text
