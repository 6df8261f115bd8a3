from stctl.exchange import all_values, first_value

HEADERS = [("Set-Cookie", "a=1"), ("X", ""), ("set-cookie", "b=2")]


def test_headers_are_found_in_any_case_and_repeats_are_kept_in_order() -> None:
    assert first_value(HEADERS, "SET-COOKIE") == "a=1"
    assert all_values(HEADERS, "set-cookie") == ["a=1", "b=2"]


def test_an_empty_header_is_there_and_a_missing_one_is_not() -> None:
    assert first_value(HEADERS, "x") == ""
    assert first_value(HEADERS, "y") is None
    assert all_values(HEADERS, "y") == []
