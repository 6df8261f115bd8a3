import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import pytest

from made_tokens import ISSUED_S, made
from recorded_tokens import V2, V5, V5_ANTI_CSRF, V5_CLAIMS, jwks, signed_jwts
from running import Outcome, run
from stctl.clock import FrozenClock

FIRST, CHILD, OTHER_CHILD = V5
NOW_MS = CHILD.access_created_at_ms + 600_000
SEAL_KEY = f"1000:{'00112233445566778899aabbccddeeff' * 4}:{'ffeeddccbbaa99887766554433221100' * 4}"
SEALED = (
    "AQIDBAUGBwgJCgsM5COnJasyvrBll58QxwF2v4YiBnUk7QdJUefu54N67BgkNMGIjLQJly4pNhX5Dyebhbn61cl98a1r"
    "PcW9cXUFeBY/TzHkwkX+rzFz8jGNn40Wesu7Jt58AFaK4EmFqNL//DnSq2TH29GnA5B2GQm8xI0XoCqEJFmpAw+M0E2n"
    "XhpwMKZHLHN+C4IhGwQGntMnc68dSYaqCfGNPnkrmfUXJdCfhQ0L"
    ".e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855.V2"
)


def decode(*arguments: str, stdin: str | bytes | None = None, now_ms: int = NOW_MS) -> Outcome:
    return run("decode", *arguments, stdin=stdin, clock=FrozenClock(now_ms))


def test_the_screen_of_an_access_token_says_everything_in_order() -> None:
    outcome = decode(CHILD.access)
    assert outcome.exit_status == 0
    assert outcome.stdout.splitlines() == [
        "Access token V5",
        "  valid for 47 min 46 s  ·  UNVERIFIED  --verify checks the signature",
        "",
        f"  user          {CHILD.session['userId']}  sub",
        "  login method  the same  rsub",
        "  tenant        public  tId",
        f"  session       {CHILD.session['handle']}  sessionHandle",
        "  anti-CSRF     none",
        "",
        "  issued        2026-11-24 17:02:07 UTC  10 min ago",
        "  expires       2026-11-24 17:59:53 UTC  in 47 min 46 s",
        "  lifetime      57 min 46 s  the default hour, less up to 5 % jitter: normal",
        "",
        "  key           d-1795539573519  dynamic, 12 min 33 s old",
        "",
        "  refresh H1    2b86ed666f2b0d9799fff5033cce691bfdfbd0c8cd7ac83171bb4fab1d057832",
        "  in row H2     b1d65cda54cb304e8997b2720eddec9e01f94c2f1fb88b607cf4af2181f06ed2",
        "  parent H1     f333ce1c9825a720df7831cedb72390a9fddebc831bedc5ab7d92d490e4fd7eb",
        "",
        "  as a cookie   906 of 4,096 bytes  fits",
        "  token         eyJraW…RiHFzg (7e41b798)",
        "",
        "User claims  none",
    ]


@pytest.mark.parametrize(
    ("now_ms", "verdict"),
    [
        (CHILD.access_expires_at_ms, "valid for 0 s"),
        (CHILD.access_expires_at_ms + 1, "expired now"),
        (CHILD.access_expires_at_ms + 3 * 3_600_000, "expired 3 h ago"),
        (CHILD.access_created_at_ms - 60_000, "not yet valid: issued in 1 min"),
    ],
)
def test_the_verdict_on_its_time_comes_first(now_ms: int, verdict: str) -> None:
    assert decode(CHILD.access, now_ms=now_ms).stdout.splitlines()[1].startswith(f"  {verdict}")


def test_local_time_is_told_where_it_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        assert "2026-11-24 17:02:07 UTC  22:32:07 +05:30  10 min ago" in decode(CHILD.access).stdout
    finally:
        monkeypatch.setenv("TZ", "UTC")
        time.tzset()


def test_user_claims_stand_apart_with_their_meaning() -> None:
    claims = {"st-ev": {"v": True, "t": ISSUED_S * 1000}, "role": "admin\x1b[31m"}
    shown = decode(made(payload=claims), now_ms=(ISSUED_S + 60) * 1000).stdout
    part = shown[shown.index("User claims") :].splitlines()
    assert part[1:3] == [
        f'  st-ev  {{"v": true, "t": {ISSUED_S}000}}  e-mail address verified, fetched 1 min ago',
        '  role   "admin\\u001b[31m"',
    ]


def test_no_token_is_shown_in_full_unless_it_is_asked_for() -> None:
    text = made(payload={"jwt": CHILD.access, "deep": [{"antiCsrfToken": "secret-value"}]})
    for form in ([], ["--json"], ["-o", "ndjson"], ["-o", "yaml"], ["-o", "csv"]):
        hidden = decode(text, V5_ANTI_CSRF[0].access, FIRST.refresh, *form).stdout
        for secret in (text, CHILD.access, FIRST.refresh, str(V5_ANTI_CSRF[0].anti_csrf)):
            assert secret not in hidden
    revealed = decode(text, V5_ANTI_CSRF[0].access, "--json", "--reveal").json
    assert [token["token"] for token in revealed["tokens"]] == [text, V5_ANTI_CSRF[0].access]
    assert revealed["tokens"][0]["user_claims"]["jwt"] == CHILD.access
    assert revealed["tokens"][1]["anti_csrf_token"] == V5_ANTI_CSRF[0].anti_csrf


def test_the_json_of_an_access_token_is_a_contract() -> None:
    document = decode(CHILD.access, "--json").json
    assert list(document) == [
        "schema",
        "now",
        "now_ms",
        "tokens",
        "problems",
        "cleared",
        "relations",
        "findings",
        "truncated",
    ]
    assert (document["schema"], document["now"]) == ("stctl.decode/1", "2026-11-24T17:12:07Z")
    token = document["tokens"][0]
    claims = token.pop("claims")
    assert set(claims) == {
        "iat", "exp", "sub", "tId", "rsub", "sessionHandle",
        "refreshTokenHash1", "parentRefreshTokenHash1", "antiCsrfToken",
    }  # fmt: skip
    size = token.pop("size")
    assert size.pop("heaviest")[0]["claim"] in {"refreshTokenHash1", "parentRefreshTokenHash1"}
    assert size == {
        "cookie": "sAccessToken",
        "pair_bytes": 906,
        "whole_bytes": 987,
        "limit_bytes": 4096,
        "fit": "fits",
    }
    assert token == {
        "index": 0,
        "kind": "access-token",
        "version": 5,
        "source": {
            "text": "the text itself",
            "place": "whole",
            "name": None,
            "position": 0,
            "undone": [],
        },
        "token": "eyJraW…RiHFzg (7e41b798)",
        "token_masked": True,
        "fingerprint": "7e41b798",
        "verdict": "valid",
        "signature": {"verdict": "unverified", "kid": None, "reason": None},
        "session": {
            "handle": CHILD.session["handle"],
            "user_id": CHILD.session["userId"],
            "recipe_user_id": CHILD.session["userId"],
            "tenant_id": "public",
        },
        "times": {
            "issued_at": "2026-11-24T17:02:07Z",
            "issued_at_ms": CHILD.access_created_at_ms,
            "expires_at": "2026-11-24T17:59:53Z",
            "expires_at_ms": CHILD.access_expires_at_ms,
            "expires_in_s": 2866,
            "lifetime_s": 3466,
            "lifetime_is_default": True,
        },
        "key": {
            "kid": "d-1795539573519",
            "kind": "dynamic",
            "created_at": "2026-11-24T16:59:33.519Z",
            "created_at_ms": 1_795_539_573_519,
            "age_s": 753,
        },
        "hashes": {
            "refresh_token_hash1": claims["refreshTokenHash1"],
            "refresh_token_hash2": (
                "b1d65cda54cb304e8997b2720eddec9e01f94c2f1fb88b607cf4af2181f06ed2"
            ),
            "parent_refresh_token_hash1": claims["parentRefreshTokenHash1"],
            "parent_refresh_token_hash2": (
                "32e528b09d070b873d7235fcf8f716a74b7960bd1dcaa38bf65946149ef41856"
            ),
        },
        "anti_csrf_token": None,
        "header": {"kid": "d-1795539573519", "typ": "JWT", "version": "5", "alg": "RS256"},
        "user_claims": {},
        "refresh": None,
        "findings": [],
    }


def test_every_kind_has_the_same_members() -> None:
    kinds = [CHILD.access, FIRST.refresh, signed_jwts()["dynamic"], FIRST.session["handle"]]
    documents = [decode(text, "--json").json["tokens"][0] for text in kinds]
    assert len({tuple(document) for document in documents}) == 1


def test_a_finding_carries_its_id_its_case_and_its_meaning() -> None:
    text = made(payload={"exp": float(ISSUED_S + 60)})
    finding = decode(text, "--json").json["tokens"][0]["findings"][0]
    assert (finding["id"], finding["severity"]) == ("float-time", "warn")
    assert finding["message"] == "exp: a number with fraction or exponent."
    assert "6.0.9" in finding["meaning"]
    assert "! float-time  exp: a number" in decode(text).stdout


def test_the_heaviest_claims_of_a_large_token_are_named() -> None:
    shown = decode(made(payload={"profile": "x" * 3600, "list": [1] * 50})).stdout
    assert "too large: browsers drop it; use header mode" in shown
    assert "heaviest      profile 4,81" in shown
    assert "✗ cookie-too-large  Name and value take 5," in shown
    assert "  ·  1 finding below  ·  UNVERIFIED" in shown.splitlines()[1]
    assert f'profile  "{"x" * 299}… and 3,302 characters more' in shown


def test_two_tokens_are_related_on_the_screen_and_in_json() -> None:
    shown = decode(CHILD.access, OTHER_CHILD.access).stdout
    assert "1  Access token V5  is a sibling of  2  Access token V5" in shown
    assert "sibling  Both name one parent hash: a refresh token was refreshed twice." in shown
    document = decode(CHILD.access, FIRST.refresh, V5_CLAIMS.access, "--json").json
    assert [
        (pair["first"], pair["first_is"], pair["second"]) for pair in document["relations"]
    ] == [(0, "child", 1), (0, "stranger", 2), (1, "stranger", 2)]


def test_a_repeated_token_is_shown_once() -> None:
    shown = decode(f"Cookie: sAccessToken={CHILD.access}; sAccessToken={CHILD.access}").stdout
    assert shown.count("login method") == 1
    assert "  the same as 1" in shown
    assert "✗ duplicate-cookie  sAccessToken is there 2 times." in shown


def test_a_whole_answer_of_a_core_is_decoded(tmp_path: Path) -> None:
    answer = {
        "accessToken": {"token": CHILD.access},
        "refreshToken": {"token": CHILD.refresh},
        "session": {"handle": CHILD.session["handle"]},
    }
    file = tmp_path / "answer.json"
    file.write_text(json.dumps(answer, indent=2), "utf-8")
    for arguments in ([f"@{file}"], ["--file", str(file)], ["-f", str(file)]):
        document = decode(*arguments, "--json").json
        assert [token["kind"] for token in document["tokens"]] == [
            "access-token",
            "refresh-token",
            "session-handle",
        ]
        assert document["relations"][0]["first_is"] == "same-generation"


@pytest.mark.parametrize("arguments", [["-"], []])
def test_standard_input_is_read(arguments: list[str]) -> None:
    block = f"Cookie: sAccessToken={CHILD.access}; sRefreshToken={quote(FIRST.refresh, safe='')}\n"
    document = decode(*arguments, "--json", stdin=block).json
    assert [token["source"]["text"] for token in document["tokens"]] == [
        "cookie sAccessToken",
        "cookie sRefreshToken",
    ]


def test_what_a_windows_shell_pipes_is_read() -> None:
    assert decode("-", "--json", stdin=CHILD.access.encode("utf-16")).json["tokens"]


def test_several_arguments_are_told_apart() -> None:
    document = decode(CHILD.access, f"x: {FIRST.refresh}", "--json").json
    assert [token["source"]["text"] for token in document["tokens"]] == [
        "argument 1",
        "argument 2, header x",
    ]


def test_a_command_line_given_word_by_word_is_one_text() -> None:
    words = ["curl", "http://localhost/", "-H", f"Authorization: Bearer {CHILD.access}"]
    document = decode("--json", "--", *words).json
    assert [token["source"]["text"] for token in document["tokens"]] == ["header Authorization"]
    assert document["problems"] == []


def test_quiet_prints_session_handles() -> None:
    outcome = decode(CHILD.access, OTHER_CHILD.access, V5_CLAIMS.access, FIRST.refresh, "-q")
    assert outcome.stdout.split() == [CHILD.session["handle"], V5_CLAIMS.session["handle"]]


@pytest.mark.parametrize(
    ("arguments", "stdin", "words"),
    [
        (["garbage"], None, "This is no token: neither three parts"),
        ([CHILD.access[:30] + "*" + CHILD.access[31:]], None, "header at byte 30: '*' is not"),
        ([""], None, "the input is empty"),
        (["-"], "", "the input is empty"),
        (["-"], b"\xff\xfe\x00\x80garbage\x00", "This is no token"),
        (["-"], b"\0" * 1000, "the input is empty"),
        (["a.b.c", "x"], None, "None of these is a token: argument 1, header at byte"),
        (["Cookie: sAccessToken=zz; sRefreshToken=yy"], None, "cookie sRefreshToken, 1 dot-"),
        (["@no-such-file"], None, "Cannot read no-such-file: No such file"),
        (["@"], None, "This is no token"),
        (["@a\0b"], None, "that is no path"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_own_status(
    arguments: list[str], stdin: str | bytes | None, words: str
) -> None:
    outcome = decode(*arguments, stdin=stdin)
    assert (outcome.exit_status, outcome.stdout) == (4, "")
    assert words in outcome.stderr
    with_json = decode(*arguments, "--json", stdin=stdin)
    assert with_json.stdout == ""
    assert with_json.error["code"] == "input-unreadable"


def test_a_partly_broken_paste_is_shown_and_ends_with_status_6() -> None:
    block = f"Cookie: sAccessToken={CHILD.access}; sRefreshToken=junk.junk.V9"
    outcome = decode(block)
    assert outcome.exit_status == 6
    assert "2  Not a refresh token  cookie sRefreshToken" in outcome.stdout
    problem = decode(block, "--json").json["problems"][0]
    assert problem["expected"] == "refresh-token"
    assert problem["error"] == {
        "part": "type",
        "position": 10,
        "reason": "the last part is not V0, V1 or V2",
        "message": "type at byte 10: the last part is not V0, V1 or V2",
        "length": 12,
    }


def test_cleared_tokens_are_said() -> None:
    document = decode("Set-Cookie: sAccessToken=; Path=/\nfront-token: remove", "--json").json
    assert [(item["kind"], item["source"]["place"]) for item in document["cleared"]] == [
        ("access-token", "set-cookie"),
        ("front-token", "header"),
    ]
    assert "Front token taken away  header front-token" in decode("front-token: remove").stdout


@pytest.fixture
def key_set(tmp_path: Path) -> str:
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps(jwks()), "utf-8")
    return str(file)


def test_a_signature_is_checked_with_a_key_set(key_set: str) -> None:
    for text in (CHILD.access, V2[0].access, signed_jwts()["static by default"]):
        outcome = decode(text, "--jwks", key_set)
        assert outcome.exit_status == 0
        assert "signature holds" in outcome.stdout
    signature = decode(CHILD.access, "--jwks", key_set, "--json").json["tokens"][0]["signature"]
    assert (signature["verdict"], signature["kid"]) == ("holds", "d-1795539573519")


def test_an_expired_token_is_genuine_all_the_same(key_set: str) -> None:
    outcome = decode(CHILD.access, "--jwks", key_set, now_ms=NOW_MS + 10**10)
    assert outcome.exit_status == 0
    assert "expired" in outcome.stdout


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (made(header={"kid": "d-1795539573519"}), "signature does NOT hold"),
        (made(header={"kid": "d-1"}), "signed with an UNKNOWN key"),
        (made(header={"alg": "none"}), "signature cannot be verified"),
    ],
)
def test_a_signature_that_does_not_hold_ends_with_status_3(
    text: str, words: str, key_set: str
) -> None:
    outcome = decode(text, "--jwks", key_set)
    assert outcome.exit_status == 3
    assert words in outcome.stdout


@pytest.mark.parametrize("content", ["", "nonsense", "[]", '{"keys": []}', "[" * 100_000])
def test_what_is_no_key_set_is_an_error(content: str, tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(content, "utf-8")
    outcome = decode(CHILD.access, "--jwks", str(file), "--json")
    assert (outcome.exit_status, outcome.error["code"]) == (4, "input-unreadable")


def test_the_embedded_core_verifies_its_own_tokens() -> None:
    created = run("sessions", "create", "--user", "u", "--json").json
    token = created["access_token"]["token"]
    assert run("decode", token, "--verify").exit_status == 0
    assert decode(CHILD.access, "--verify").exit_status == 3


def test_no_settings_are_read_unless_a_core_is_asked(tmp_path: Path) -> None:
    del tmp_path
    Path("stctl.toml").write_text("[core\nbroken", "utf-8")
    assert decode(CHILD.access).exit_status == 0
    assert decode(CHILD.access, "--verify").exit_status == 4


def test_a_refresh_token_is_opened_with_the_key(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(SEAL_KEY + "\n", "utf-8")
    outcome = decode(SEALED, "--refresh-key", f"@{file}")
    assert outcome.exit_status == 0
    assert "  session       11111111-2222-4333-8444-555555555555" in outcome.stdout
    assert "  parent H1     none: the first of its session" in outcome.stdout
    token = decode(SEALED, "--refresh-key", SEAL_KEY, "--json").json["tokens"][0]
    assert token["refresh"]["contents"]["userId"] == "user-1"
    assert token["session"]["recipe_user_id"] == "user-1"
    assert token["hashes"]["parent_refresh_token_hash1"] is None
    assert decode(SEALED, "--refresh-key", SEAL_KEY, "-q").stdout.split() == [
        "11111111-2222-4333-8444-555555555555"
    ]


def test_a_refresh_token_of_another_key_stays_closed() -> None:
    token = decode(FIRST.refresh, "--refresh-key", SEAL_KEY, "--json").json["tokens"][0]
    assert token["refresh"]["contents"] is None
    assert "not encrypted by this app" in token["refresh"]["contents_problem"]
    assert "cannot be opened" in decode(FIRST.refresh, "--refresh-key", SEAL_KEY).stdout


def test_a_nonce_that_was_exchanged_is_remarked() -> None:
    sealed, _, suffix = SEALED.split(".")
    text = f"{sealed}.{'0' * 64}.{suffix}"
    findings = decode(text, "--refresh-key", SEAL_KEY, "--json").json["tokens"][0]["findings"]
    assert [finding["id"] for finding in findings] == ["nonce-differs"]


def test_an_empty_refresh_key_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("\n", "utf-8")
    outcome = decode(FIRST.refresh, "--refresh-key", f"@{file}")
    assert (outcome.exit_status, outcome.stdout) == (4, "")


def test_a_stream_gives_an_object_for_every_token_of_every_line() -> None:
    lines = [
        CHILD.access,
        "garbage",
        "",
        f"Cookie: sAccessToken={CHILD.access}; sRefreshToken={quote(FIRST.refresh, safe='')}",
        FIRST.refresh,
    ]
    outcome = decode("-", "-o", "ndjson", stdin="\n".join(lines))
    rows = [json.loads(line) for line in outcome.stdout.splitlines()]
    assert [(row["line"], row["kind"]) for row in rows] == [
        (1, "access-token"),
        (2, None),
        (4, "access-token"),
        (4, "refresh-token"),
        (5, "refresh-token"),
    ]
    assert rows[1]["error"]["part"] == "token"
    assert {row["schema"] for row in rows} == {"stctl.decode/1"}
    assert outcome.exit_status == 6


@pytest.mark.parametrize(
    ("stdin", "status"),
    [
        (f"{CHILD.access}\n{FIRST.refresh}\n", 0),
        ("", 0),
        ("\n\n", 0),
        ("garbage\n", 4),
        (b"\xff\n\x00\n" + CHILD.access.encode(), 6),
    ],
)
def test_the_status_of_a_stream_tells_whether_all_lines_were_read(
    stdin: str | bytes, status: int
) -> None:
    assert decode("-", "-o", "ndjson", stdin=stdin).exit_status == status


def test_a_stream_is_verified_line_by_line(key_set: str) -> None:
    stdin = f"{CHILD.access}\n{made()}\n"
    outcome = decode("-", "-o", "ndjson", "--jwks", key_set, stdin=stdin)
    verdicts = [json.loads(line)["signature"]["verdict"] for line in outcome.stdout.splitlines()]
    assert verdicts == ["holds", "does-not-hold"]
    assert outcome.exit_status == 3


def test_a_line_without_end_is_skipped_and_named() -> None:
    stdin = f"{'a' * 3_000_000}\n{CHILD.access}\n{'b' * 3_000_000}"
    outcome = decode("-", "-o", "ndjson", stdin=stdin)
    rows = [json.loads(line) for line in outcome.stdout.splitlines()]
    assert [row["line"] for row in rows] == [1, 2, 3]
    assert rows[0]["error"]["reason"] == "the line is longer than 1 MiB"
    assert rows[1]["kind"] == "access-token"


def test_rows_for_spreadsheets_have_plain_columns() -> None:
    stdin = f"{CHILD.access}\n{FIRST.refresh}\ngarbage\n"
    header, access, refresh, garbage = decode("-", "-o", "csv", stdin=stdin).stdout.splitlines()
    assert header == (
        "line,index,source,kind,version,verdict,signature,user_id,recipe_user_id,tenant_id,"
        "session_handle,issued_at,expires_at,kid,refresh_token_hash1,parent_refresh_token_hash1,"
        "cookie_bytes,token,error,findings"
    )
    assert access.startswith("1,0,the text itself,access-token,5,valid,unverified,")
    assert refresh.startswith("2,1,the text itself,refresh-token,,,,,")
    assert "neither three parts" in garbage


class _KeySetServer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = json.dumps(jwks()).encode()
        self.send_response(200 if self.path == "/a/keys?x=1" else 404)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        del format, args


@pytest.fixture
def key_server() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _KeySetServer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_key_set_is_fetched_from_anywhere(key_server: str) -> None:
    assert decode(CHILD.access, "--jwks", f"{key_server}/a/keys?x=1").exit_status == 0
    missing = decode(CHILD.access, "--jwks", f"{key_server}/b", "--json")
    assert (missing.exit_status, missing.error["code"]) == (13, "core-not-found")
