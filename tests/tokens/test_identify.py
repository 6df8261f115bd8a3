import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from recorded_tokens import V2, V3, V4, V5, V5_ANTI_CSRF, V5_STATIC, V5_TENANT, signed_jwts
from stctl.tokens.identify import Broken, Cleared, Finding, Found, identify

ACCESS = V5[1].access
REFRESH = V5[0].refresh
HANDLE = V5[0].session["handle"]
ANTI_CSRF = V5_ANTI_CSRF[0].anti_csrf
FRONT = base64.b64encode(
    json.dumps({"uid": "u", "ate": 1_795_543_193_000, "up": {"role": "admin"}}).encode()
).decode()
HEADERS = Path(__file__).parents[1] / "recorded" / "tokens" / "headers.json"


def kinds(text: str) -> list[tuple[str, str]]:
    """Kind and source of everything that was found."""
    return [(_kind(item), str(item.source)) for item in identify(text)]


def _kind(item: Found) -> str:
    match item:
        case Finding():
            return item.kind
        case Broken():
            return "broken"
        case Cleared():
            return "cleared"


def only(text: str) -> Finding:
    found = identify(text)
    assert len(found) == 1, found
    assert isinstance(found[0], Finding), found
    return found[0]


def broken(text: str) -> Broken:
    found = identify(text)
    assert len(found) == 1, found
    assert isinstance(found[0], Broken), found
    return found[0]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (V2[0].access, "access-token"),
        (V3[0].access, "access-token"),
        (V4[0].access, "access-token"),
        (V5[0].access, "access-token"),
        (V5_STATIC.access, "access-token"),
        (V5[0].refresh, "refresh-token"),
        (FRONT, "front-token"),
        (HANDLE, "uuid"),
        (V5_TENANT.session["handle"], "session-handle"),
        (f"{V2[0].id_refresh};1804179839592", "id-refresh-token"),
        (signed_jwts()["static by default"], "core-jwt"),
        (signed_jwts()["dynamic"], "core-jwt"),
        (signed_jwts()["sign"], "access-token"),
        (signed_jwts()["sign without one claim"], "core-jwt"),
    ],
)
def test_a_token_alone_is_known_by_its_form(text: str, kind: str) -> None:
    finding = only(text)
    assert (finding.kind, finding.text, finding.source.place) == (kind, text, "whole")


@pytest.mark.parametrize("token", [ACCESS, V2[0].access, REFRESH])
@pytest.mark.parametrize(
    "wrap",
    [
        "{}",
        "  {}\n",
        '"{}"',
        "'{}'",
        "Bearer {}",
        "bearer {}",
        "\ufeff{}\r\n",
        "{};",
        '"{}",',
        "\0{}\0",
    ],
)
def test_a_token_alone_may_be_wrapped(token: str, wrap: str) -> None:
    assert only(wrap.format(token)).text == token


@pytest.mark.parametrize("token", [V2[0].access, REFRESH])
def test_percent_encoding_is_undone_up_to_three_times(token: str) -> None:
    once = quote(token, safe="")
    assert only(once).text == token
    assert only(quote(once, safe="")).undone == ("percent-encoding",) * 2
    assert only(quote(quote(once, safe=""), safe="")).text == token
    assert only(quote(token)).text == token, "Python leaves the slash"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (f"Authorization: Bearer {ACCESS}", "header Authorization"),
        (f"authorization:Bearer {ACCESS}", "header authorization"),
        (f"st-access-token: {ACCESS}", "header st-access-token"),
        (f"Cookie: a=b; sAccessToken={ACCESS}; c=d", "cookie sAccessToken"),
        (f"sAccessToken={ACCESS}", "cookie sAccessToken"),
        (f"Cookie: st-access-token={ACCESS}", "cookie st-access-token"),
        (f"Set-Cookie: sAccessToken={ACCESS}; Path=/; HttpOnly", "set-cookie sAccessToken"),
        (f'{{"accessToken": {{"token": "{ACCESS}", "expiry": 1}}}}', "member accessToken.token"),
        (f'"accessToken": "{ACCESS}"', "member accessToken"),
        (f"Cookie: my-own-name={ACCESS}", "cookie my-own-name"),
        (f"x-token: {ACCESS}", "header x-token"),
        (f"authorization\nBearer {ACCESS}", "header authorization"),
        (f"cookie\nsAccessToken={ACCESS}; a=b", "cookie sAccessToken"),
        (f"localhost\tFALSE\t/\tFALSE\t0\tsAccessToken\t{ACCESS}", "cookie sAccessToken"),
        (f"sAccessToken\t{ACCESS}\tlocalhost\t/\tSession\t899", "cookie sAccessToken"),
        (f"the token is {ACCESS}, they say", "position 13"),
        (f"curl -H 'Authorization: Bearer {ACCESS}' http://x/", "header Authorization"),
        (f'curl "http://x/" --header "authorization: Bearer {ACCESS}"', "header authorization"),
        (f"curl -b 'sAccessToken={ACCESS}; a=b' http://x/", "cookie sAccessToken"),
        (f"curl --cookie sAccessToken={ACCESS} http://x/", "cookie sAccessToken"),
        (
            f"curl 'http://x/' \\\n  -H 'cookie: sAccessToken={ACCESS}' \\\n  -k",
            "cookie sAccessToken",
        ),
        (f'curl ^"http://x/^" ^\n  -H ^"cookie: sAccessToken={ACCESS}^"', "cookie sAccessToken"),
        (f'New-Object System.Net.Cookie("sAccessToken", "{ACCESS}", "/")', "cookie sAccessToken"),
        (f'"authorization"="Bearer {ACCESS}"', "header authorization"),
        (f"{{'sAccessToken': '{ACCESS}'}}", "cookie sAccessToken"),
        (quote(f"Cookie: sAccessToken={ACCESS}; a=b", safe=""), "cookie sAccessToken"),
        (f"http://x/cb?access_token={ACCESS}&state=1", "cookie access_token"),
    ],
)
def test_an_access_token_is_found_where_it_stands(text: str, place: str) -> None:
    finding = only(text)
    assert (finding.kind, finding.text, str(finding.source)) == ("access-token", ACCESS, place)


@pytest.mark.parametrize(
    "text",
    [
        f"sRefreshToken={quote(REFRESH, safe='')}",
        f"sRefreshToken={quote(REFRESH)}",
        f"sRefreshToken={REFRESH}",
        f'sRefreshToken="{quote(REFRESH)}"',
        f"st-refresh-token: {REFRESH}",
        f"Set-Cookie: sRefreshToken={quote(REFRESH, safe='')}; Path=/auth/session/refresh",
        f'{{"refreshToken":{{"token":"{REFRESH}"}}}}',
        f'-H ^"cookie: sRefreshToken={quote(REFRESH, safe="").replace("%", "^%^")}^"',
        json.dumps({"refreshToken": REFRESH}).replace("=", "\\u003d").replace("/", "\\/"),
        "log: " + json.dumps({"refreshToken": REFRESH}).replace("=", "\\u003d") + " end",
    ],
)
def test_a_refresh_token_is_found_where_it_stands(text: str) -> None:
    finding = only(text)
    assert (finding.kind, finding.text) == ("refresh-token", REFRESH)


def test_everything_in_a_header_block_is_found_in_order() -> None:
    block = (
        "POST /auth/session/refresh HTTP/1.1\r\n"
        f"Cookie: sAccessToken={ACCESS}; sRefreshToken={quote(REFRESH, safe='')}; "
        f"sIdRefreshToken={V2[0].id_refresh}; sFrontToken={FRONT}\r\n"
        f"anti-csrf: {ANTI_CSRF}\r\n"
        "rid: anti-csrf\r\n"
        "Access-Control-Expose-Headers: front-token, anti-csrf\r\n"
    )
    assert kinds(block) == [
        ("access-token", "cookie sAccessToken"),
        ("refresh-token", "cookie sRefreshToken"),
        ("id-refresh-token", "cookie sIdRefreshToken"),
        ("front-token", "cookie sFrontToken"),
        ("anti-csrf-token", "header anti-csrf"),
    ]


@pytest.mark.parametrize(
    "block",
    json.loads(HEADERS.read_text(encoding="utf-8"))["blocks"],
    ids=lambda block: f"{block['trace']}-{block['side']}",
)
def test_every_recorded_header_block_gives_the_tokens_that_the_core_issued(
    block: dict[str, Any],
) -> None:
    found = identify("\n".join(block["lines"]))
    seen = {(item.kind, item.text.split(";")[0]) for item in found if isinstance(item, Finding)}
    assert {(kind, text) for kind, text in block["issued"]} <= seen
    assert not [item for item in found if isinstance(item, Broken)]


def test_the_har_form_of_headers_is_read() -> None:
    har = {"headers": [{"name": "Cookie", "value": f"sAccessToken={ACCESS}; a=b"}]}
    assert kinds(json.dumps(har)) == [("access-token", "cookie sAccessToken")]
    cookies = [{"name": "sAccessToken", "value": ACCESS, "domain": "x"}]
    assert kinds(json.dumps(cookies)) == [("access-token", "cookie sAccessToken")]


def test_the_answer_of_a_core_is_read() -> None:
    answer = {
        "status": "OK",
        "session": {"handle": HANDLE, "userId": "u"},
        "accessToken": {"token": ACCESS, "expiry": 1},
        "refreshToken": {"token": REFRESH, "expiry": 1},
        "antiCsrfToken": ANTI_CSRF,
    }
    assert kinds(json.dumps(answer)) == [
        ("session-handle", "member session.handle"),
        ("access-token", "member accessToken.token"),
        ("refresh-token", "member refreshToken.token"),
        ("anti-csrf-token", "member antiCsrfToken"),
    ]


def test_several_tokens_in_one_paste_are_all_found() -> None:
    assert [item.kind for item in map(_finding, identify(f"{ACCESS}\n{REFRESH} {ACCESS}"))] == [
        "access-token",
        "refresh-token",
        "access-token",
    ]


def _finding(item: Found) -> Finding:
    assert isinstance(item, Finding)
    return item


def test_uuids_without_a_name_count_only_where_there_is_nothing_else() -> None:
    assert kinds(f"{HANDLE} {ANTI_CSRF}") == [("uuid", "position 0"), ("uuid", "position 37")]
    assert kinds(f"request {HANDLE} with {ACCESS}") == [("access-token", "position 50")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Set-Cookie: sAccessToken=; Path=/", "set-cookie sAccessToken"),
        ('set-cookie: sRefreshToken=""; Path=/', "set-cookie sRefreshToken"),
        ("st-access-token: \nx: y", "header st-access-token"),
        ("st-refresh-token:", "header st-refresh-token"),
        ("front-token: remove", "header front-token"),
        ("id-refresh-token: remove", "header id-refresh-token"),
    ],
)
def test_what_takes_a_token_away_is_said(text: str, expected: str) -> None:
    assert kinds(text) == [("cleared", expected)]


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Basic dXNlcjpwYXNz",
        "rid: anti-csrf",
        "Access-Control-Expose-Headers: front-token, st-access-token, anti-csrf",
        "GET https://a-rather-long-host-name.another-rather-long-name.example/path",
    ],
)
def test_what_is_no_token_is_not_taken_for_one(text: str) -> None:
    assert broken(text).problem.reason == "nothing in it looks like a token"


def test_a_token_that_was_wrapped_into_lines_is_put_together() -> None:
    lines = "\n".join(ACCESS[start : start + 80] for start in range(0, len(ACCESS), 80))
    finding = only(lines)
    assert (finding.text, finding.undone) == (ACCESS, ("white-space",))


def test_spaces_that_were_plus_signs_are_put_right() -> None:
    with_plus = next(one.refresh for one in [*V5, *V2] if "+" in one.refresh)
    finding = only(with_plus.replace("+", " "))
    assert (finding.text, finding.undone) == (with_plus, ("spaces-for-plus",))


@pytest.mark.parametrize(
    ("text", "part", "position"),
    [
        ("", "token", None),
        ("   \n", "token", None),
        ("garbage", "token", 0),
        (ACCESS[:30] + "*" + ACCESS[31:], "header", 30),
        (ACCESS[:200] + "*" + ACCESS[201:], "payload", 200),
        (ACCESS.rsplit(".", 1)[0], "token", None),
        (REFRESH[:30] + "*" + REFRESH[31:], "content", 30),
        (REFRESH[:-2] + "V7", "type", len(REFRESH) - 2),
        ("11111111-2222-4333-8444-555555555555.V0", "token", None),
        ("11111111-2222-4333-8444-55555555555", "token", None),
        ("a.b.c.d.e", "token", None),
        (ACCESS.split(".")[0], "token", None),
    ],
)
def test_broken_input_is_named_by_part_and_byte(text: str, part: str, position: int | None) -> None:
    problem = broken(text).problem
    assert (problem.part, problem.position) == (part, position)
    assert text[:20] not in str(problem) or not text


def test_a_token_cut_off_in_its_payload_says_so() -> None:
    header, payload, signature = ACCESS.split(".")
    problem = broken(f"{header}.{payload[:40]}.{signature}").problem
    assert (problem.part, "cut off" in problem.reason) == ("payload", True)
    assert problem.position == len(header) + 1 + 40


def test_several_broken_candidates_are_each_named() -> None:
    text = f"Cookie: sAccessToken=garbage; sRefreshToken=junk\nanti-csrf: 0000\nx: {ACCESS}"
    assert kinds(text) == [
        ("broken", "cookie sAccessToken"),
        ("broken", "cookie sRefreshToken"),
        ("broken", "header anti-csrf"),
        ("access-token", "header x"),
    ]


def test_the_place_tells_which_token_was_meant() -> None:
    found = identify("Cookie: sRefreshToken=aaa.bbb.ccc")
    assert isinstance(found[0], Broken)
    assert (found[0].expected, found[0].problem.part) == ("refresh-token", "type")


def test_a_token_in_the_wrong_place_is_known_by_its_form() -> None:
    finding = only(f"Cookie: sAccessToken={quote(REFRESH)}")
    assert (finding.kind, finding.expected) == ("refresh-token", "access-token")


def test_an_oauth2_token_is_told_from_others() -> None:
    header = base64.urlsafe_b64encode(
        json.dumps({"kid": "s-1", "typ": "JWT", "alg": "RS256"}).encode()
    ).decode()
    payload = base64.urlsafe_b64encode(b'{"stt":1,"sub":"u"}').decode()
    assert only(f"{header}.{payload}.c2ln".replace("=", "")).kind == "oauth2-token"


def test_a_foreign_jwt_is_a_jwt() -> None:
    text = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.dGVzdA"
    assert only(text).kind == "jwt"
    assert only("eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.").kind == "jwt"


def test_no_more_than_a_thousand_findings_are_looked_for() -> None:
    assert len(identify("\n".join([ACCESS] * 1100))) == 1000
