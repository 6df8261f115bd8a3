"""Who sent a request, as far as it shows."""

import re
from typing import Final, TypeAlias

from stctl.exchange import Request, first_value

SourceKey: TypeAlias = tuple[str | None, str | None]
"""Address and user agent."""

_FORWARDED: Final = ("x-forwarded-for", "x-real-ip", "cf-connecting-ip", "true-client-ip")
_FOR: Final = re.compile(r'for="?\[?([^;,"\]]+)', re.IGNORECASE)
_UNRECORDED: Final = "127.0.0.1"
_LONGEST: Final = 400
_TOOLS: Final = re.compile(
    r"^(curl|wget|httpie|python-requests|python-urllib|python-httpx|insomnia|postmanruntime"
    r"|thunder client|bruno|hoppscotch|paw|rapidapi|restsharp|powershell|k6)\b",
    re.IGNORECASE,
)


def source_of(request: Request) -> SourceKey | None:
    """Address and user agent of whoever sent a request; None where neither is known.

    The address is the first that a proxy names, else what the recorder saw; a recording that does
    not tell it shows the loopback address, which therefore counts as unknown.
    """
    agent = (first_value(request.headers, "user-agent") or "")[:_LONGEST] or None
    address = _address(request)
    return None if agent is None and address is None else (address, agent)


def is_tool(user_agent: str | None) -> bool:
    """Whether a user agent is that of a tool by which people send requests by hand."""
    return user_agent is not None and _TOOLS.match(user_agent) is not None


def label_of(number: int) -> str:
    """The label of the nth client from 0: `A` to `Z`, then `AA`."""
    letters = ""
    left = number
    while True:
        letters = chr(ord("A") + left % 26) + letters
        left = left // 26 - 1
        if left < 0:
            return letters


def _address(request: Request) -> str | None:
    forwarded = first_value(request.headers, "forwarded")
    found = _FOR.search(forwarded) if forwarded else None
    if found is not None:
        return found[1].strip()[:_LONGEST]
    for name in _FORWARDED:
        value = first_value(request.headers, name)
        if value and value.strip():
            return value.split(",", 1)[0].strip()[:_LONGEST]
    return None if request.remote_address == _UNRECORDED else request.remote_address
