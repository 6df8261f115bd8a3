import json
from pathlib import Path

import pytest

from stctl.redact import mask_text
from stctl.traces.model import Damage, LogEvent, Logger, Topic
from stctl.traces.recording import entry_line
from stctl.traces.secrets import masked, secrets_of
from trace_help import TRACES, exchange, recorded_entries


@pytest.mark.parametrize("path", TRACES, ids=lambda path: path.name)
def test_no_token_of_a_recording_is_left_in_what_is_masked(path: Path) -> None:
    entries = recorded_entries(path)
    tokens = set()
    for entry in entries:
        for cookie in (v for n, v in entry.exchange.request.headers if n.lower() == "cookie"):
            tokens |= {pair.partition("=")[2].strip() for pair in cookie.split(";")}
        for body in (entry.exchange.request.body, getattr(entry.exchange.response, "body", b"")):
            if body.startswith(b"{"):
                told = json.loads(body)
                held = (told.get("accessToken"), told.get("refreshToken"))
                tokens |= {one["token"] if isinstance(one, dict) else one for one in held if one}
    text = "\n".join(entry_line(masked(entry)) for entry in entries)
    assert [token for token in tokens if len(token) > 3 and token in text] == []
    for entry in entries:
        assert masked(entry).exchange.request.method == entry.exchange.request.method


def test_a_masked_exchange_keeps_what_is_no_secret() -> None:
    entry = exchange(
        0,
        "http://localhost:3567/recipe/session/verify?token=abcdefghij&x=1",
        body={"accessToken": "garbage", "checkDatabase": False, "refreshTokenHash1": "shown"},
        answer={"status": "OK", "session": {"handle": "h-1"}, "accessToken": {"token": "minted1"}},
        headers=[("api-key", "hunter2"), ("cdi-version", "5.4")],
    )
    safe = masked(entry)
    text = entry_line(safe)
    for secret in ("garbage", "hunter2", "minted1", "abcdefghij"):
        assert secret not in text
    for plain in ('"OK"', "h-1", "shown", "5.4", "x=1", "checkDatabase"):
        assert plain in text.replace("\\", "")
    assert safe.index == entry.index
    assert ("cdi-version", "5.4") in safe.exchange.request.headers


def test_secrets_are_known_in_every_form_in_which_they_are_written() -> None:
    entry = exchange(0, headers=[("Cookie", 'sRefreshToken="ab%2Fcd+ef"; other=1')])
    assert {"ab%2Fcd+ef", "ab/cd+ef", "ab%2Fcd%2Bef"} <= secrets_of(entry)
    assert "ab/cd" not in mask_text("it sent ab/cd+ef", secrets_of(entry))


def test_headers_of_an_app_are_secret_by_their_names() -> None:
    headers = [
        ("X-Api-Token", "of-the-app-alone"),
        ("X-Token-Valid", "true"),
        ("X-Page", "12345678"),
    ]
    entry = exchange(0, headers=headers)
    assert secrets_of(entry) == {"of-the-app-alone"}
    assert "of-the-app" not in str(masked(entry).exchange.request.headers)


def test_the_word_remove_is_no_secret() -> None:
    entry = exchange(0, answer_headers=[("front-token", "remove")])
    assert "remove" not in secrets_of(entry)


def test_what_browser_sdks_write_out_is_masked_in_their_log() -> None:
    def event(message: str) -> LogEvent:
        return LogEvent(
            index=0,
            position="line 1",
            at_ms=None,
            logger=Logger.FRONTEND,
            sdk_version=None,
            message=message,
            file=None,
            source="",
            topic=Topic.OTHER,
        )

    for words in ("AntiCsrfToken.getToken: returning: ", "doRequest: Setting sFrontToken: "):
        safe = masked(event(words + "eyJ1aWQiOiJ1c2VyIn0="))
        assert safe.message.startswith(words)
        assert "eyJ1aWQiOiJ1c2VyIn0=" not in safe.message
    plain = event("getSession: got access token from header")
    assert masked(plain) == plain


def test_damage_holds_no_secrets_and_stays_as_it_is() -> None:
    damage = Damage(position="line 1", offset=None, reason="not JSON")
    assert masked(damage) is damage


def test_a_secret_with_half_a_character_is_masked_like_any_other() -> None:
    entry = exchange(0, headers=[("Cookie", "sRefreshToken=ab\ud800cd"), ("X", "ab\ud800cd")])
    assert "ab\ud800cd" in secrets_of(entry)
    assert "ab\ud800cd" not in str(masked(entry).exchange.request.headers)
