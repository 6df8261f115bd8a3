import pytest

from fake_core import reply
from stctl.cdi.replies import check_status, json_of, one_line, text_of
from stctl.errors import ErrorKind, StctlError

PAGE = "<!DOCTYPE html><html><head><title>Sign in\n to Example</title></head><body>…</body></html>"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, ErrorKind.CORE_REFUSED),
        (401, ErrorKind.CORE_KEY_REFUSED),
        (402, ErrorKind.CORE_REFUSED),
        (403, ErrorKind.CORE_REFUSED),
        (404, ErrorKind.CORE_NOT_FOUND),
        (405, ErrorKind.CORE_REFUSED),
        (429, ErrorKind.CORE_BUSY),
        (500, ErrorKind.CORE_FAILED),
        (502, ErrorKind.CORE_FAILED),
        (302, ErrorKind.CORE_NOT_A_CORE),
        (204, ErrorKind.CORE_REFUSED),
    ],
)
def test_each_status_is_one_kind_of_error_in_the_core_s_own_words(
    status: int, kind: ErrorKind
) -> None:
    with pytest.raises(StctlError) as caught:
        check_status(reply("Field name 'userId' is invalid\n", status=status))
    assert caught.value.kind is kind
    assert f"GET /x at http://fake:3567: HTTP {status}" in caught.value.detail
    assert status == 302 or "Field name 'userId' is invalid" in caught.value.detail


def test_a_page_is_told_by_its_title_whatever_its_status() -> None:
    for status, kind in ((200, ErrorKind.CORE_NOT_A_CORE), (403, ErrorKind.CORE_REFUSED)):
        with pytest.raises(StctlError, match="a page titled “Sign in to Example”") as caught:
            json_of(reply(PAGE, status=status))
        assert caught.value.kind is kind


def test_plain_text_of_a_core_is_no_page_although_it_is_sent_as_html() -> None:
    hello = reply("Hello\n", headers=[("content-type", "text/html;charset=UTF-8")])
    assert text_of(hello) == "Hello"
    with pytest.raises(StctlError, match="a page titled"):
        text_of(reply(PAGE))


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        ('{"status": "OK", "session": {"han', ErrorKind.CORE_CUT_SHORT, "33 bytes"),
        ("", ErrorKind.CORE_CUT_SHORT, "the answer is empty"),
        ("  \n", ErrorKind.CORE_CUT_SHORT, "the answer is empty"),
        ('{"status": "OK"} {', ErrorKind.CORE_CUT_SHORT, "no whole JSON"),
        ('{"n": NaN}', ErrorKind.CORE_CUT_SHORT, "NaN"),
        ("SSH-2.0-OpenSSH_9", ErrorKind.CORE_NOT_A_CORE, "text instead of JSON: SSH-2"),
        ("[]", ErrorKind.CORE_WRONG_SHAPE, "the answer should be an object, not an array"),
        ("[" * 100_000, ErrorKind.CORE_WRONG_SHAPE, "nested too deeply"),
        (b"\xff\xfe\x00{", ErrorKind.CORE_NOT_A_CORE, "text instead of JSON"),
        (b'{"a": "\xff"}', ErrorKind.CORE_CUT_SHORT, "no whole JSON"),
    ],
)
def test_what_is_no_json_object_is_named(body: str | bytes, kind: ErrorKind, words: str) -> None:
    with pytest.raises(StctlError, match=words) as caught:
        json_of(reply(body))
    assert caught.value.kind is kind


def test_a_redirection_is_told_and_its_secrets_are_not() -> None:
    location = ("Location", "https://login.example/?key=my-very-secret-key")
    answer = reply(status=307, headers=[location], secrets=("my-very-secret-key",))
    with pytest.raises(StctlError, match="redirection to https://login") as caught:
        json_of(answer)
    assert "my-very-secret-key" not in caught.value.detail


def test_a_key_that_the_core_repeats_is_masked() -> None:
    answer = reply(
        "Invalid key: abcdefghijklmnopqrst", status=401, secrets=("abcdefghijklmnopqrst",)
    )
    with pytest.raises(StctlError, match="Invalid key: …") as caught:
        check_status(answer)
    assert "abcdefghijklmnopqrst" not in caught.value.detail


def test_words_are_one_printable_line_of_bounded_length() -> None:
    assert one_line("a\x1b[31m\n\tb\u202ec") == "a [31m b c"
    assert len(one_line("x y " * 1000)) == 301
