"""Plays a recorded scenario against an embedded core in this process; nothing sleeps."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from recorded_bindings import Bindings, Mismatch, digest
from recorded_matching import Matcher
from stctl.clock import FrozenClock
from stctl.exchange import Request, Response, first_value
from stctl.tokens.codec import decode_base64_any, encode_base64url

Template: TypeAlias = dict[str, Any]  # a piece of a recording; its shape is checked by playing it

RECORDED = Path(__file__).parent / "recorded" / "core"
API_KEY = "recorded-key-0123456789"
PROFILES: dict[str, tuple[str, ...]] = {
    "default": (),
    "short": (
        f"api_keys={API_KEY}",
        "base_path=/st",
        "access_token_validity=2",
        "refresh_token_rotation_grace_period=2",
    ),
    "expiring": (
        "access_token_validity=2",
        "refresh_token_validity=0.05",
        "refresh_token_rotation_grace_period=1",
    ),
    "rowexpiry": (
        "access_token_validity=4",
        "refresh_token_validity=0.1",
        "access_token_validity_jitter=0",
    ),
    "softreuse": (
        "recent_token_reuse_behaviour=UNAUTHORISED",
        "refresh_token_rotation_grace_period=1",
    ),
    "grace0": ("refresh_token_rotation_grace_period=0", "access_token_validity_jitter=0"),
    "jitter": ("access_token_validity_jitter=0.25",),
    "legacycfg": ("access_token_blacklisting=true", "access_token_signing_key_dynamic=false"),
    "cdirange": ("supertokens_max_cdi_version=5.4", "supertokens_min_cdi_version=3.0"),
    "noee": ("paid_features=false",),
    "ipdeny": (r"ip_deny_regex=127\..*",),
}
_BETWEEN_STEPS_MS = 3


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A core to play against; `clock` is the one that it reads."""

    answer: Callable[[Request], Response]
    clock: FrozenClock
    base_path: str


def scenario_files() -> list[Path]:
    """Every recorded scenario of a core."""
    return sorted(RECORDED.glob("*/*.json"))


def load(file: Path) -> Template:
    """One scenario."""
    scenario: Template = json.loads(file.read_text(encoding="utf-8"))
    return scenario


def play(scenario: Template, stage: Stage, run: str) -> None:
    """Play all steps; raises Mismatch with the step and the place where the answer differs."""
    bindings = Bindings(run=run, api_key=API_KEY)
    for number, step in enumerate(scenario["steps"], 1):
        try:
            _play_step(step, stage, bindings)
        except Mismatch as mismatch:
            raise Mismatch(f"step {number} ({step['name']}): {mismatch}") from mismatch


def _play_step(step: Template, stage: Stage, bindings: Bindings) -> None:
    if "sleep_ms" in step:
        stage.clock.wait_ms(step["sleep_ms"])
        return
    for definition in step.get("define", ()):
        bindings.bind(definition["name"], _derive(definition, bindings))
    response = stage.answer(_request(step["send"], stage, bindings))
    _compare(step["expect"], response, Matcher(bindings, stage.clock.now_ms()), bindings)
    stage.clock.wait_ms(_BETWEEN_STEPS_MS)


def _request(send: Template, stage: Stage, bindings: Bindings) -> Request:
    path = bindings.fill_text(send["path"])
    body = b""
    if send.get("body") is not None:
        body = json.dumps(bindings.fill_all(send["body"])).encode()
    elif send.get("body_text") is not None:
        encoding = send.get("body_encoding", "utf-8")
        body = bindings.fill_text(send["body_text"]).encode(encoding)
    return Request(
        method=send["method"],
        path=path if send.get("outside_base") else stage.base_path + path,
        query=[(name, bindings.fill_text(value)) for name, value in send.get("query", {}).items()],
        headers=[
            (name, bindings.fill_text(value)) for name, value in send.get("headers", {}).items()
        ],
        body=body,
    )


def _compare(expect: Template, response: Response, matcher: Matcher, bindings: Bindings) -> None:
    text = response.body.decode("utf-8")
    if response.status != expect["status"]:
        raise Mismatch(f"status {response.status} instead of {expect['status']}: {text[:200]}")
    content_type = first_value(response.headers, "content-type") or ""
    wanted_type = expect.get("content_type")
    if wanted_type is not None and _bare(wanted_type) != _bare(content_type):
        raise Mismatch(f"content type {content_type} instead of {wanted_type}")
    for name, template in (expect.get("headers") or {}).items():
        matcher.match(template, first_value(response.headers, name), f"header {name}")
    if "body" in expect:
        matcher.match(expect["body"], json.loads(text), "$")
    elif expect.get("body_text") is not None:
        matcher.match(expect["body_text"], text, "text")
    for name, template in (expect.get("tokens") or {}).items():
        _compare_token(str(bindings.value(name)), template, matcher, name)


def _bare(content_type: str) -> str:
    return content_type.lower().replace(" ", "")


def _compare_token(token: str, template: Template, matcher: Matcher, name: str) -> None:
    encoding = "base64" if set("+/=") & set(token) else "base64url"
    if template.get("encoding", encoding) != encoding:
        raise Mismatch(f"{name} is written in {encoding}")
    header, payload, _ = token.split(".")
    matcher.match(template["header"], _decoded(header), f"{name} header")
    matcher.match(template["payload"], _decoded(payload), f"{name} payload")


def _decoded(part: str) -> Template:
    members: Template = json.loads(decode_base64_any(part))
    return members


def _derive(definition: Template, bindings: Bindings) -> str:
    of = bindings.fill_text(definition["of"])
    return _DERIVATIONS[definition["op"]](of, definition, bindings)


def _edited_jwt(of: str, definition: Template, bindings: Bindings) -> str:
    header, payload, signature = of.split(".")
    parts = []
    for name, text in (("header", header), ("payload", payload)):
        changes = bindings.fill_all(definition.get(name, {}))
        members = {**_decoded(text), **(changes if isinstance(changes, dict) else {})}
        for dropped in definition.get(f"drop_{name}", ()):
            members.pop(dropped, None)
        parts.append(encode_base64url(json.dumps(members, separators=(",", ":")).encode()))
    return ".".join([*parts, definition.get("signature", signature)])


def _with_part(of: str, definition: Template, bindings: Bindings) -> str:
    parts = of.split(".")
    parts[definition["index"]] = bindings.fill_text(definition["value"])
    return ".".join(parts)


def _flipped(of: str, definition: Template, _bindings: Bindings) -> str:
    parts = of.split(".")
    part = parts[definition["index"]]
    at = definition.get("at", 0) % len(part)
    other = "B" if part[at] == "A" else "A"
    parts[definition["index"]] = part[:at] + other + part[at + 1 :]
    return ".".join(parts)


_DERIVATIONS: dict[str, Callable[[str, Template, Bindings], str]] = {
    "jwt-edit": _edited_jwt,
    "set-part": _with_part,
    "flip-part": _flipped,
    "keep-parts": lambda of, one, _: ".".join(of.split(".")[: one["count"]]),
    "wrap": lambda of, one, _: f"{one.get('prefix', '')}{of}{one.get('suffix', '')}",
    "lower": lambda of, _one, _: of.lower(),
    "upper": lambda of, _one, _: of.upper(),
    "hash": lambda of, _one, _: digest(of),
}
