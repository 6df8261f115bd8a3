"""Tokens and cookies that are planted wherever stctl reads, and looked for wherever it writes."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from running import run

SHOWN_AT_EACH_END = 6
FORMS = ("table", "json", "ndjson", "yaml", "csv")


@pytest.fixture
def tokens() -> dict[str, str]:
    """A session of the embedded core, and its tokens in full."""
    made: Any = run("sessions", "create", "--user", "u1", "--anti-csrf", "--json").json
    return {
        "access": made["access_token"]["token"],
        "refresh": made["refresh_token"]["token"],
        "anti-csrf": made["anti_csrf_token"],
    }


def secret_parts(tokens: dict[str, str]) -> list[str]:
    """What must not be seen of each token: its inside, raw and as cookies carry it."""
    insides = [text[SHOWN_AT_EACH_END + 2 : -SHOWN_AT_EACH_END - 2] for text in tokens.values()]
    pieces = [inside[start : start + 30] for inside in insides for start in (0, len(inside) // 2)]
    return [form for piece in pieces for form in {piece, quote(piece, safe="")}]


def cookie_header(tokens: dict[str, str]) -> str:
    return f"sAccessToken={tokens['access']}; sRefreshToken={quote(tokens['refresh'], safe='')}"


def recording(tokens: dict[str, str]) -> dict[str, object]:
    """A HAR in which the tokens stand in headers, in the query and in a body."""
    headers = [
        {"name": "Cookie", "value": cookie_header(tokens)},
        {"name": "Authorization", "value": f"Bearer {tokens['access']}"},
        {"name": "anti-csrf", "value": tokens["anti-csrf"]},
    ]
    answer = {
        "status": 401,
        "headers": [{"name": "Set-Cookie", "value": f"sAccessToken={tokens['access']}; Path=/"}],
        "content": {"text": json.dumps({"saw": tokens}), "mimeType": "application/json"},
    }
    request = {
        "method": "GET",
        "url": f"http://localhost:3001/me?token={tokens['access']}",
        "headers": headers,
    }
    started = "2026-11-18T11:06:40.000Z"
    return {
        "log": {"entries": [{"startedDateTime": started, "request": request, "response": answer}]}
    }


def everything_stored() -> str:
    return "\n".join(
        path.read_bytes().decode("latin-1") for path in Path.cwd().rglob("*") if path.is_file()
    )


def looks(*arguments: str) -> list[Sequence[str]]:
    return [(*arguments, "-o", form) for form in FORMS]


def test_no_token_is_in_what_is_printed_or_stored(tokens: dict[str, str]) -> None:
    hidden = secret_parts(tokens)
    har = json.dumps(recording(tokens))
    runs = [
        *((args, cookie_header(tokens)) for args in looks("decode", "-")),
        *((args, har) for args in looks("explain", "-", "--sdk", "node")),
        *((("report", "-", "--as", form), har) for form in ("html", "md")),
        *((args, tokens["access"]) for args in looks("verify", "-")),
        *((args, tokens["access"]) for args in looks("sessions", "diff", "-")),
        (("sessions", "refresh", "-"), tokens["refresh"]),
        (("sessions", "refresh", tokens["refresh"][:-3]), ""),
    ]
    for arguments, stdin in runs:
        outcome = run(*arguments, stdin=stdin)
        assert outcome.exit_status in {0, 3, 4}, arguments
        seen = [part for part in hidden if part in outcome.stdout + outcome.stderr]
        assert seen == [], arguments[:2]
    assert [part for part in hidden if part in everything_stored()] == []
