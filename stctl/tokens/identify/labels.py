"""The names under which tokens travel, and what belongs there."""

import re
from typing import Final

from stctl.tokens.identify.model import Kind

COOKIES: Final[dict[str, Kind]] = {
    "saccesstoken": "access-token",
    "srefreshtoken": "refresh-token",
    "sidrefreshtoken": "id-refresh-token",
    "sirtfrontend": "id-refresh-token",
    "sfronttoken": "front-token",
    "santicsrf": "anti-csrf-token",
}
"""Cookies, in lower case. Source: SDKs, session notes 1.1 and 1.2."""

HEADERS: Final[dict[str, Kind]] = {
    "st-access-token": "access-token",
    "st-refresh-token": "refresh-token",
    "front-token": "front-token",
    "anti-csrf": "anti-csrf-token",
    "id-refresh-token": "id-refresh-token",
}
"""Headers that hold nothing but a token, in lower case; in header mode some are cookies too."""

AUTHORIZATION: Final = "authorization"

MEMBERS: Final[dict[str, Kind]] = {
    "accesstoken": "access-token",
    "refreshtoken": "refresh-token",
    "idrefreshtoken": "id-refresh-token",
    "fronttoken": "front-token",
    "anticsrftoken": "anti-csrf-token",
    "sessionhandle": "session-handle",
    "handle": "session-handle",
}
"""Members of a core's or an SDK's JSON, in lower case."""

_EVERYTHING: Final = {**MEMBERS, **HEADERS, **COOKIES}


def expected_under(name: str) -> Kind | None:
    """What belongs under a name, compared without regard to case; None where nothing is known."""
    return _EVERYTHING.get(name.lower())


_NAMES = "|".join(map(re.escape, (*COOKIES, *HEADERS, *MEMBERS, AUTHORIZATION)))
# Between a name and its value: `=`, `:`, a tab (cookie files, browser tools), or a comma between
# two quoted words (PowerShell); with the quotes of JSON, shells and languages around it.
_BETWEEN = r"""(?:["'\\^]*[ \t]*[=:][ \t]*["'\\^]*|\t+|["'],[ \t]*["'])"""

LABELLED: Final = re.compile(
    rf"(?<![\w-])(?P<label>{_NAMES})(?P<between>{_BETWEEN})(?:(?P<scheme>[A-Za-z]+)[ \t]+(?=\S))?"
    r"""(?P<value>[0-9a-fA-F-]{36};\d+|[^\s;,"'`\\^<>(){}\[\]&|]*+)""",
    re.IGNORECASE,
)
"""A known name with its value, which may be empty."""

BEFORE: Final = re.compile(
    rf"""(?P<name>[\w.-]+)(?P<between>{_BETWEEN}|:?\r?\n)(?:bearer[ \t]+)?["'\\^]*$""",
    re.IGNORECASE,
)
"""A name in front of a value that was found by its form."""
