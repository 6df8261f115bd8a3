from collections.abc import Callable
from typing import Any

import pytest

from stctl.cdi import bodies
from stctl.errors import ErrorKind, StctlError
from stctl.jsontypes import JsonObject


def create(cdi: str, **more: Any) -> JsonObject:
    options: dict[str, Any] = {
        "user_data_in_jwt": {},
        "user_data_in_database": {},
        "enable_anti_csrf": False,
        "use_dynamic_signing_key": None,
        "access_token_validity_ms": None,
        **more,
    }
    return bodies.create_body(cdi, "u", **options)


def verify(cdi: str, **more: Any) -> JsonObject:
    options: dict[str, Any] = {
        "anti_csrf_token": None,
        "do_anti_csrf_check": False,
        "enable_anti_csrf": False,
        "check_database": False,
        **more,
    }
    return bodies.verify_body(cdi, "t", **options)


def refresh(cdi: str, **more: Any) -> JsonObject:
    options: dict[str, Any] = {
        "anti_csrf_token": None,
        "enable_anti_csrf": False,
        "use_dynamic_signing_key": None,
        "access_token_validity_ms": None,
        **more,
    }
    return bodies.refresh_body(cdi, "t", **options)


def test_create_sends_what_was_asked_for_and_the_version_knows() -> None:
    assert set(create("2.7")) == {
        "userId", "userDataInJWT", "userDataInDatabase", "enableAntiCsrf",
    }  # fmt: skip
    full = create("5.6", use_dynamic_signing_key=False, access_token_validity_ms=30_000)
    assert (full["useDynamicSigningKey"], full["accessTokenValidity"]) == (False, 30_000)


def test_verify_names_the_database_check_exactly_where_the_core_wants_it() -> None:
    assert "checkDatabase" not in verify("2.20")
    assert verify("2.21")["checkDatabase"] is False
    assert verify("5.6", check_database=True)["checkDatabase"] is True


def test_refresh_names_the_kind_of_key_from_5_0_on() -> None:
    assert "useDynamicSigningKey" not in refresh("4.0")
    assert refresh("5.0")["useDynamicSigningKey"] is True
    assert refresh("3.0", use_dynamic_signing_key=False)["useDynamicSigningKey"] is False


def test_an_absent_anti_csrf_token_is_left_out_because_null_is_refused() -> None:
    assert "antiCsrfToken" not in verify("5.4")
    assert "antiCsrfToken" not in refresh("5.4")
    assert refresh("5.4", anti_csrf_token="")["antiCsrfToken"] == ""


def test_the_wider_search_is_the_default_of_the_core_and_needs_no_field() -> None:
    wide = {"across_tenants": True, "linked_accounts": True}
    narrow = {"across_tenants": False, "linked_accounts": False}
    assert bodies.remove_user_body("u", **wide) == {"userId": "u"}
    assert bodies.list_query("u", **wide) == {"userId": "u"}
    assert bodies.remove_user_body("u", **narrow) == {
        "userId": "u",
        "revokeAcrossAllTenants": False,
        "revokeSessionsForLinkedAccounts": False,
    }
    assert bodies.list_query("u", **narrow) == {
        "userId": "u",
        "fetchAcrossAllTenants": "false",
        "fetchSessionsForAllLinkedAccounts": "false",
    }


def test_what_the_version_lacks_is_refused_and_not_dropped() -> None:
    makers: list[Callable[[], JsonObject]] = [
        lambda: create("2.20", use_dynamic_signing_key=True),
        lambda: create("5.5", access_token_validity_ms=1),
        lambda: verify("2.20", check_database=True),
        lambda: refresh("2.21", use_dynamic_signing_key=False),
        lambda: refresh("5.4", access_token_validity_ms=1),
    ]
    for make in makers:
        with pytest.raises(StctlError, match="needs CDI") as caught:
            make()
        assert caught.value.kind is ErrorKind.CORE_VERSION
        assert "--cdi" in caught.value.hint
