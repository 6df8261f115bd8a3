"""Moments in words, as results about sessions show them."""

from stctl.render.view import Line, dim, line
from stctl.tokens.times import relative_text, utc_text


def moment(at_ms: int) -> str:
    """Return a time in UTC to the second; what no calendar holds stays a number.

    >>> moment(1_700_000_000_999), moment(10**20)
    ('2023-11-14 22:13:20 UTC', '100000000000000000000 ms')
    """
    text = utc_text(at_ms)
    return f"{at_ms} ms" if text is None else f"{text[:19].replace('T', ' ')} UTC"


def moment_in_words(at_ms: int, now_ms: int) -> Line:
    """Return a time absolutely and relatively."""
    return line(moment(at_ms), dim(f", {relative_text(at_ms, now_ms)}"))
