"""Rules of diagnose for tokens; each on a recorded case, and on one that is as it should be."""

import base64
import json
from collections.abc import Mapping

import pytest

from diagnosed import (
    Entries,
    at_path,
    change_header,
    found,
    header,
    ids,
    known_of,
    only,
    played,
    recorded,
    with_header,
    without_header,
)
from explained import Document
from made_tokens import made
from stctl.tokens.access import parse
from stctl.traces.diagnose.rules.tokens_claims import (
    AudienceClaim,
    ExpiryOverflow,
    FloatTimes,
    NestedJwt,
    overflowed_days,
)
from stctl.traces.diagnose.rules.tokens_keys import KeyAgainstSetting, UnknownKey
from stctl.traces.diagnose.rules.tokens_places import (
    TooLargeForACookie,
    TwoTransports,
    WrongSlot,
)

HEADER_MODE = "login-and-use.express.default.header"
COOKIE_MODE = "csrf-default-cross-site.express.default.cookie"
DAY_S = 86_400
YEAR_S = 365 * DAY_S


def rewritten(
    token: str, claims: Mapping[str, object], raw: Mapping[str, str] | None = None
) -> str:
    """The token with other claims, `raw` ones as they are to be written; nobody signed it again."""
    head, payload, signature = token.split(".")
    padded = payload + "=" * (-len(payload) % 4)
    members = {**json.loads(base64.urlsafe_b64decode(padded)), **claims}
    text = json.dumps(members, separators=(",", ":"))
    for name, written in (raw or {}).items():
        text = text.replace(f'"{name}":{members[name]}', f'"{name}":{written}')
    body = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    return f"{head}.{body}.{signature}"


def login_with(claims: Mapping[str, object], raw: Mapping[str, str] | None = None) -> Entries:
    """A login in header mode whose access token says something else."""
    entries = recorded(HEADER_MODE)[:3]
    change_header(
        entries[0], "response", "st-access-token", lambda text: rewritten(text, claims, raw)
    )
    return entries


def issued(entries: Entries) -> int:
    token = header(entries[0], "response", "st-access-token") or ""
    return parse(token).issued_at_ms // 1000


def test_a_year_that_became_seventeen_days_is_found() -> None:
    at = issued(recorded(HEADER_MODE))
    wrapped_s = (YEAR_S * 1000) % 2**32 // 1000
    one = only(found(login_with({"exp": at + wrapped_s}), rules=[ExpiryOverflow]), "ST-036")
    assert "17 d" in one.detail
    assert "365 days in 32 bits" in one.detail


def test_a_fresh_token_that_expired_before_it_was_issued_is_found() -> None:
    at = issued(recorded(HEADER_MODE))
    one = only(found(login_with({"exp": at - 20 * DAY_S}), rules=[ExpiryOverflow]), "ST-036")
    assert "before it was issued" in one.detail


@pytest.mark.parametrize("life_s", [60, 3420, 3460, 3600, 17 * DAY_S, 7 * DAY_S, YEAR_S])
def test_a_validity_with_or_without_jitter_raises_nothing(life_s: int) -> None:
    at = issued(recorded(HEADER_MODE))
    assert not found(login_with({"exp": at + life_s}))


def test_recorded_tokens_have_jitter_and_raise_nothing() -> None:
    entries = recorded(HEADER_MODE)
    token = parse(header(entries[0], "response", "st-access-token") or "")
    life_s = (token.expires_at_ms - token.issued_at_ms) // 1000
    assert 3420 <= life_s < 3600
    assert not found(entries, known_of(HEADER_MODE))


@pytest.mark.parametrize(("days", "told"), [(30, 30), (365, 365), (24, None), (1, None)])
def test_validities_of_25_days_and_more_overflow(days: int, told: int | None) -> None:
    wrapped_ms = (days * DAY_S * 1000 + 2**31) % 2**32 - 2**31
    text = made(payload={"exp": 1_795_540_000 + wrapped_ms // 1000})
    assert overflowed_days(parse(text)) == told


def test_a_nested_jwt_with_another_expiry_is_found() -> None:
    inner = made(header={"version": None}, payload={"exp": 1_795_540_000})
    inner = rewritten(inner, {"sub": "u1"})
    one = only(found(login_with({"jwt": inner, "_jwtPName": "jwt"}), rules=[NestedJwt]), "ST-037")
    assert one.subject == "jwt"
    assert "2026-11-24T17:06:40Z" in one.proofs[0].shows


def test_a_nested_jwt_that_expires_with_the_token_raises_nothing() -> None:
    token = parse(header(recorded(HEADER_MODE)[0], "response", "st-access-token") or "")
    inner = made(header={"version": None}, payload={"exp": token.expires_at_ms // 1000})
    assert not found(login_with({"jwt": inner}), rules=[NestedJwt])
    assert not found(recorded(HEADER_MODE), rules=[NestedJwt])


def test_times_with_an_exponent_are_found() -> None:
    at = issued(recorded(HEADER_MODE))
    exact = {"iat": at, "exp": at + 3600}
    raw = {"exp": "1.691626646E9"}
    one = only(found(login_with(exact, raw), rules=[FloatTimes]), "ST-038")
    told = "exp: a number with fraction or exponent. It expires 2023-08-10T00:17:26Z."
    assert one.proofs[0].shows == told


def test_whole_times_raise_nothing() -> None:
    assert not found(recorded(HEADER_MODE), rules=[FloatTimes])
    name = "csrf-token-missing.express-5.custom.cookie"
    assert not found(recorded(name), known_of(name), [FloatTimes])


def test_a_token_that_python_refuses_for_its_audience_is_found() -> None:
    name = "audience-claim.flask.default.cookie"
    assert "ST-110" in ids(found(recorded(name), known_of(name), [AudienceClaim]))


def test_an_audience_that_an_sdk_does_not_mind_raises_nothing() -> None:
    assert not found(login_with({"aud": "hasura"}), rules=[AudienceClaim])


def test_an_expired_token_with_an_audience_is_only_expired() -> None:
    entries = played("try-refresh-token", "expired")
    call = at_path(entries, "/protected")
    with_aud = rewritten(_cookie(call, "sAccessToken"), {"aud": "hasura"})
    with_header(call, "request", "Cookie", f"sAccessToken={with_aud}")
    assert not found(entries, rules=[AudienceClaim])


def _cookie(entry: Document, name: str) -> str:
    text = header(entry, "request", "Cookie") or ""
    return next(one for one in text.split("; ") if one.startswith(name)).partition("=")[2]


def test_a_key_that_the_fetched_key_set_lacks_is_found() -> None:
    one = only(found(played("try-refresh-token", "unknown-key"), rules=[UnknownKey]), "ST-022")
    assert "; the key set has d-" in one.proofs[0].shows


def test_a_wrong_signature_of_a_known_key_is_no_unknown_key() -> None:
    assert not found(played("try-refresh-token", "bad-signature"), rules=[UnknownKey])
    name = "wrong-key-known-kid.express.default.cookie"
    assert not found(recorded(name), known_of(name), [UnknownKey, KeyAgainstSetting])


def test_a_key_against_the_setting_is_found() -> None:
    name = "static-vs-dynamic-key.flask.custom.cookie"
    one = only(found(recorded(name), known_of(name), [KeyAgainstSetting]), "ST-023")
    assert one.detail == "A token signed with a dynamic key meets a backend that takes static ones."


def test_without_the_setting_tokens_of_the_other_kind_prove_it() -> None:
    entries = played("try-refresh-token", "static-key")
    assert ids(found(entries, rules=[KeyAgainstSetting])) == ["ST-023"]
    assert not found(played("try-refresh-token", "bad-signature"), rules=[KeyAgainstSetting])
    assert not found(played("key-rotation", "old-token"), rules=[KeyAgainstSetting])


def test_an_access_token_on_the_refresh_api_is_found() -> None:
    entries = recorded("refresh-ok.go.default.header")
    refresh = at_path(entries, "/session/refresh")
    right = (header(refresh, "request", "Authorization") or "").removeprefix("Bearer ")
    access = header(recorded(HEADER_MODE)[0], "response", "st-access-token") or ""
    with_header(refresh, "request", "Authorization", f"Bearer {access}")
    with_header(refresh, "request", "st-refresh-token", right)
    refresh["response"] = _unauthorised()
    one = only(found([refresh], rules=[WrongSlot]), "ST-012")
    assert one.detail == "Where the refresh token belongs stands the access token."
    assert "st-refresh-token, which is not read, holds another" in one.proofs[0].shows
    assert access not in one.proofs[0].seen(reveal=False)
    assert access in one.proofs[0].seen(reveal=True)


def test_a_refresh_token_in_a_header_of_answers_alone_is_found() -> None:
    entries = recorded("refresh-ok.go.default.header")
    refresh = at_path(entries, "/session/refresh")
    right = (header(refresh, "request", "Authorization") or "").removeprefix("Bearer ")
    without_header(refresh, "request", "Authorization")
    with_header(refresh, "request", "st-refresh-token", right)
    refresh["response"] = _unauthorised()
    one = only(found([refresh], rules=[WrongSlot]), "ST-012")
    assert one.subject == "st-refresh-token"


def _unauthorised() -> Document:
    refused = recorded("no-token.express.default.header")
    answer: Document = next(one["response"] for one in refused if one["response"]["status"] == 401)
    return answer


def test_tokens_in_their_places_and_foreign_ones_raise_nothing() -> None:
    for name in ("refresh-ok.go.default.header", HEADER_MODE, COOKIE_MODE):
        assert not found(recorded(name), known_of(name), [WrongSlot])
    name = "header-and-cookie.fastapi.default.cookie"
    assert not found(recorded(name), known_of(name), [WrongSlot])


def test_tokens_of_two_sessions_in_one_request_are_found() -> None:
    name = "header-and-cookie.fastapi.default.cookie"
    one = only(found(recorded(name), known_of(name), [TwoTransports]), "ST-014")
    assert one.detail == "One request carries the tokens of two sessions, and the header wins."


def test_an_expired_cookie_in_the_way_of_a_client_that_uses_headers_is_found() -> None:
    entries = played("try-refresh-token", "expired")
    with_header(at_path(entries, "/protected"), "request", "st-auth-mode", "header")
    one = only(found(entries, rules=[TwoTransports]), "ST-014")
    assert one.detail == "An expired cookie makes a request of a client that uses headers fail."


def test_one_session_by_two_ways_and_a_change_of_mode_raise_nothing() -> None:
    entries = recorded(COOKIE_MODE)
    call = at_path(entries, "/protected", 1)
    with_header(call, "request", "Authorization", f"Bearer {_cookie(call, 'sAccessToken')}")
    assert not found(entries, rules=[TwoTransports])
    assert not found(recorded("login-switches-mode.express.default.header"), rules=[TwoTransports])
    assert not found(played("try-refresh-token", "expired"), rules=[TwoTransports])


def test_a_cookie_beyond_4096_bytes_is_found_with_its_heaviest_claims() -> None:
    entries = recorded(COOKIE_MODE)
    login = at_path(entries, "/login")
    token = rewritten(_set_cookie(login, "sAccessToken"), {"st-perm": ["x" * 40] * 80})
    change_header(
        login,
        "response",
        "Set-Cookie",
        lambda text: (
            f"sAccessToken={token}; Path=/; Expires=Wed, 24 Nov 2027 16:51:43 GMT"
            if text.startswith("sAccessToken")
            else text
        ),
    )
    one = only(found(entries, rules=[TooLargeForACookie]), "ST-009")
    assert "the heaviest claims are st-perm (" in one.detail
    assert one.subject == "sAccessToken"


def _set_cookie(entry: Document, name: str) -> str:
    headers = entry["response"]["headers"]
    lines: list[str] = [one["value"] for one in headers if one["name"] == "Set-Cookie"]
    return next(one for one in lines if one.startswith(name)).partition("=")[2].partition(";")[0]


@pytest.mark.parametrize(
    ("agent", "is_found"), [("Mozilla/5.0 Safari/605", True), ("okhttp/4", False)]
)
def test_a_large_token_in_a_header_matters_in_browsers_only(agent: str, *, is_found: bool) -> None:
    entries = login_with({"st-perm": ["x" * 40] * 80})
    with_header(entries[0], "request", "User-Agent", agent)
    assert bool(found(entries, rules=[TooLargeForACookie])) is is_found


def test_tokens_of_usual_size_raise_nothing() -> None:
    for name in (HEADER_MODE, COOKIE_MODE):
        assert not found(recorded(name), rules=[TooLargeForACookie])
