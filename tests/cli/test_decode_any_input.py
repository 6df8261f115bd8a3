"""Whatever is piped in, and whatever a token says, decode ends with one of its statuses."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from made_tokens import PAYLOAD, base64url, made
from recorded_tokens import V2, V5
from running import run
from stctl.cli.decode import app
from stctl.render.decode import SCHEMA
from stctl.tokens.lint.rules import RULES

OUTPUTS = ("json", "ndjson", "yaml", "csv", "table")
FORMS = [*(["-o", output] for output in OUTPUTS), ["--json"], ["-q"]]
GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "decode.md"

names = st.text(max_size=8) | st.sampled_from(["st-ev", "aud", "jwt", "iss"])
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec=None, exclude_categories=()), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)


@given(raw=st.binary(max_size=200), form=st.sampled_from(FORMS))
@settings(max_examples=60, deadline=None)
def test_any_bytes_end_with_a_status(raw: bytes, form: list[str]) -> None:
    assert run("decode", "-", *form, stdin=raw).exit_status in {0, 4, 6}


@given(claims=st.dictionaries(names, values, max_size=4), form=st.sampled_from(FORMS))
@settings(max_examples=80, deadline=None)
def test_any_user_claims_are_shown(claims: dict[str, Any], form: list[str]) -> None:
    outcome = run("decode", made(payload={**claims, **PAYLOAD}), *form)
    assert outcome.exit_status == 0
    if form == ["--json"]:
        token = outcome.json["tokens"][0]
        assert set(token["user_claims"]) == set(claims) - set(PAYLOAD)


@given(
    payload=st.fixed_dictionaries({}, optional=dict.fromkeys(PAYLOAD, values)),
    header=st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("alg", "typ", "kid", "version"), values)
    ),
    form=st.sampled_from(FORMS),
)
@settings(max_examples=80, deadline=None)
def test_any_header_and_any_protected_claims_are_shown(
    payload: dict[str, Any], header: dict[str, Any], form: list[str]
) -> None:
    assert run("decode", made(payload=payload, header=header), *form).exit_status == 0
    bare = f"{base64url(header)}.{base64url(payload)}.c2ln"
    assert run("decode", bare, *form).exit_status in {0, 4}


@given(front=st.fixed_dictionaries({}, optional={"uid": values, "ate": values, "up": values}))
@settings(max_examples=40, deadline=None)
def test_any_front_token_is_read_or_named(front: dict[str, Any]) -> None:
    assert run("decode", f"front-token: {base64url(front)}", "--json").exit_status in {0, 4}


@pytest.mark.parametrize("moment", [0, -1, 2**53, 10**18, 10**300, -(10**300), 1e308])
def test_times_beyond_every_calendar_are_shown(moment: float) -> None:
    text = made(payload={"exp": moment, "iat": moment})
    shown = run("decode", text)
    assert shown.exit_status == 0
    assert json.loads(run("decode", text, "--json").stdout)["tokens"][0]["times"]


def test_the_guide_names_every_finding_with_its_meaning() -> None:
    guide = GUIDE.read_text("utf-8")
    for identifier, rule in RULES.items():
        assert f"| `{identifier}` | {rule.severity} | {rule.meaning} |" in guide


def test_the_guide_names_every_member_of_the_contract() -> None:
    guide = GUIDE.read_text("utf-8")
    text = f"Cookie: sAccessToken={V5[1].access}; sRefreshToken=x; sFrontToken=\n{V2[0].refresh}"
    document = run("decode", text, "--json").json
    assert document["schema"] == SCHEMA
    for part in (
        document,
        *(document[name][0] for name in ("tokens", "problems", "cleared", "relations")),
        document["problems"][0]["error"],
        *(value for value in document["tokens"][0].values() if isinstance(value, dict)),
    ):
        for member in part:
            assert f"`{member}`" in guide or member in PAYLOAD or member in {"alg", "typ", "schema"}


def test_help_names_what_it_takes() -> None:
    assert app.registered_commands[0].callback is not None
    shown = run("decode", "--help").stdout
    assert "UNVERIFIED" in shown
    assert "--refresh-key" in shown
