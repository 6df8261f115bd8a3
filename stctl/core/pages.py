"""How answers look on the wire. Source: core, behaviour notes 1.7."""

import json
from collections.abc import Mapping
from typing import Final

from stctl.exchange import Pairs, Response
from stctl.jsontypes import JsonValue

_JSON: Final = ("Content-Type", "application/json;charset=UTF-8")
_TEXT: Final = ("Content-Type", "text/html;charset=UTF-8")
_PAGE: Final = ("Content-Type", "text/html;charset=utf-8")
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_REASONS: Final = {
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    501: "Not Implemented",
}


def json_answer(body: Mapping[str, JsonValue], headers: Pairs = ()) -> Response:
    """Return 200 with one JSON object and a line break."""
    text = _ENCODER.encode(body) + "\n"
    return Response(status=200, headers=(_JSON, *headers), body=text.encode("utf-8", "replace"))


def ok(**members: JsonValue) -> Response:
    """Return 200 with `status` OK and these members."""
    return json_answer({"status": "OK", **members})


def text_answer(status: int, text: str) -> Response:
    """Return plain text and a line break, called HTML all the same, as a core calls it."""
    return Response(status=status, headers=(_TEXT,), body=f"{text}\n".encode("utf-8", "replace"))


def container_page(status: int) -> Response:
    """Return the page of the server around a core, which answers before the core is asked.

    For 403, 404, 405 and 501.
    """
    title = f"HTTP Status {status} \u2013 {_REASONS[status]}"
    page = (
        f'<!doctype html><html lang="en"><head><title>{title}</title></head>'
        f"<body><h1>{title}</h1></body></html>"
    )
    return Response(status=status, headers=(_PAGE,), body=page.encode())


def redirect(location: str) -> Response:
    """Return 302 to another path of the same server."""
    return Response(status=302, headers=(("Location", location),))
