"""What happened to a token, in sentences for people."""

from collections.abc import Sequence
from typing import Final

from stctl.traces.lineage.model import Client, Family, Theft, TheftKind, Use, UseKind

SHOWN: Final = 8
"""Characters of a hash that people are shown."""
_SECOND_MS: Final = 1000
_UNITS: Final = ((86_400_000, "day"), (3_600_000, "h"), (60_000, "min"), (_SECOND_MS, "s"))
_SHORT_MS: Final = 10 * _SECOND_MS
_LONGEST_AGENT: Final = 40
_BROWSERS: Final = ("Edg/", "OPR/", "Firefox/", "HeadlessChrome/", "Chrome/", "Version/")
"""The marks of browsers, the more special ones first: most of them call themselves Chrome too."""
_SYSTEMS: Final = ("iPhone", "iPad", "Android", "Windows", "Mac OS X", "Linux")

_WHAT: Final = {
    TheftKind.PARENT_REUSED: "a parent whose child had been used",
    TheftKind.SIBLING: "a sibling of the token that had gone into use",
    TheftKind.RECENT_PREV: "the token before the current one, after its grace (RECENT_PREV)",
    TheftKind.ORPHANED_BRANCH: (
        "a token that another refresh of its parent had displaced (ORPHANED_BRANCH)"
    ),
    TheftKind.STALE_LINEAGE: "a token that had been replaced more than once (STALE_LINEAGE)",
    TheftKind.UNKNOWN: "a token that had been replaced before",
}
_SINCE: Final = {
    UseKind.VERIFIED: "the first use of its successor's access token",
    UseKind.REFRESHED: "a refresh",
}


def short(refresh_hash: str | None) -> str:
    """The first characters of a hash."""
    return "(not recorded)" if refresh_hash is None else refresh_hash[:SHOWN]


def duration(span_ms: float) -> str:
    """A span of time in its largest unit.

    >>> duration(180), duration(1800), duration(31_000), duration(5_400_000), duration(2e8)
    ('180 ms', '1.8 s', '31 s', '1.5 h', '2.3 days')
    """
    span_ms = abs(span_ms)
    if span_ms < _SECOND_MS:
        return f"{span_ms:.0f} ms"
    if span_ms < _SHORT_MS:
        return f"{span_ms / _SECOND_MS:.1f} s"
    size, name = next(unit for unit in _UNITS if span_ms >= unit[0])
    number = f"{span_ms / size:.1f}".removesuffix(".0")
    plural = "s" if name == "day" and number != "1" else ""
    return f"{number} {name}{plural}"


def who(family: Family, label: str | None) -> str:
    """A client with what is known of it."""
    client = family.client(label)
    return "an unrecorded client" if client is None else f"client {label}{_known(client)}"


def _known(client: Client) -> str:
    parts = [part for part in (client.address, agent_name(client.user_agent)) if part]
    return f" ({', '.join(parts)})" if parts else ""


def agent_name(user_agent: str | None) -> str | None:
    """A user agent in a few words: the browser, and the system where it is named.

    >>> agent_name("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36")
    'Chrome 142 on Linux'
    >>> agent_name("curl/8.5.0")
    'curl/8.5.0'
    """
    if user_agent is None or not user_agent.startswith("Mozilla/"):
        return user_agent and user_agent[:_LONGEST_AGENT]
    found = next((one for one in map(user_agent.find, _BROWSERS) if one >= 0), -1)
    if found < 0:
        return user_agent[:_LONGEST_AGENT]
    product, _, rest = user_agent[found:].partition("/")
    version = rest.partition(".")[0].partition(" ")[0]
    browser = f"{'Safari' if product == 'Version' else product} {version}"
    system = next((one for one in _SYSTEMS if one in user_agent), None)
    return f"{browser} on {system}" if system else browser


_MOST_LISTED: Final = 10


def joined(names: Sequence[str]) -> str:
    """Names in a row; of many the first ones.

    >>> joined(["3"]), joined(["3", "5"]), joined([str(place) for place in range(12)])
    ('3', '3 and 5', '0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more')
    """
    shown = [*names[:_MOST_LISTED]]
    more = len(names) - len(shown)
    last = f"{more:,} more" if more else shown.pop()
    return f"{', '.join(shown)} and {last}" if shown else last


def moment(use: Use) -> str:
    """A move as people find it again."""
    return f"entry {use.entry}" if use.client is None else f"entry {use.entry} by {use.client}"


def theft_says(family: Family, theft: Theft) -> str:
    """What became theft, and since when the token was a used one."""
    by = "" if theft.client is None else f", {who(family, theft.client)}"
    if theft.generation is None:
        return (
            f"At entry {theft.entry}{by}: a refresh token was found to be a used one "
            f"({theft.error}). The trace shows neither the token nor what replaced it."
        )
    first = f"At entry {theft.entry}{by}: {short(theft.generation)} was presented, "
    since = theft.stale_since
    if since is None:
        return f"{first}{_WHAT[theft.kind]}. What replaced it is not in the trace."
    gap = duration(theft.at_ms - since.at_ms)
    how = _SINCE.get(since.kind, "a move")
    return (
        f"{first}{_WHAT[theft.kind]}. It became a used one {gap} earlier by {how} "
        f"({moment(since)})."
    )
