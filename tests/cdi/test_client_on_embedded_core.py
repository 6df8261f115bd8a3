"""The client asks the embedded core, at every age of the interface."""

from collections.abc import Iterator

import pytest

from conftest import NOW_MS
from stctl.cdi.client import CdiClient
from stctl.cdi.mount import CoreMount
from stctl.cdi.revoking import carry_out, plan_revocation
from stctl.cdi.tasks import sessions_in_detail
from stctl.cdi.transport import HttpTransport, InProcessTransport
from stctl.cdi.versions import SUPPORTED, family_of, is_at_least
from stctl.clock import FrozenClock, SeededEntropy
from stctl.core.service import CoreService, open_core
from stctl.core.settings import CoreSettings
from stctl.errors import ErrorKind, StctlError
from stctl.sessions.answers import (
    NewTokens,
    Regenerated,
    TokenTheftDetected,
    TryRefreshToken,
    Unauthorised,
    Verified,
)
from stctl.sessions.info import SessionInfo
from stctl.sessions.revocation import HandleTarget, UserTarget

AGES = ("2.7", "2.8", "2.21", "3.0", "4.0", "5.4", "5.6")
HOUR_MS = 3_600_000


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(NOW_MS)


@pytest.fixture
def core(clock: FrozenClock) -> Iterator[CoreService]:
    with open_core(None, CoreSettings(), clock, SeededEntropy(7)) as service:
        yield service


def client(core: CoreService, cdi: str | None = None) -> CdiClient:
    return CdiClient(InProcessTransport(core.answer), cdi=cdi)


def made(client: CdiClient, user: str = "u1") -> NewTokens:
    return client.create_session(
        user, user_data_in_jwt={"rôle": "ädmin", "n": None}, user_data_in_database={"seen": 1}
    )


def test_unasked_the_version_of_today_s_sdks_is_spoken(core: CoreService) -> None:
    asking = client(core)
    assert asking.cdi_version == "5.4"
    assert sorted(asking.api_versions()) == sorted(SUPPORTED)
    assert asking.hello() == "Hello"


@pytest.mark.parametrize("cdi", AGES)
def test_a_session_is_made_and_looked_at(core: CoreService, cdi: str) -> None:
    asking = client(core, cdi)
    tokens = made(asking)
    assert (tokens.id_refresh_token is None) is is_at_least(cdi, "2.21")
    assert (tokens.legacy_keys is None) is is_at_least(cdi, "2.21")
    info = asking.get_session(tokens.session.handle)
    assert isinstance(info, SessionInfo)
    assert (info.user_id, info.recipe_user_id, info.tenant_id) == ("u1", "u1", "public")
    assert info.user_data_in_jwt == {"rôle": "ädmin", "n": None}
    assert info.user_data_in_database == {"seen": 1}
    assert (info.created_at_ms, info.expires_at_ms) == (
        NOW_MS,
        tokens.refresh_token.expires_at_ms,
    )


@pytest.mark.parametrize("cdi", AGES)
def test_verify_says_yes_then_try_refresh_token(
    core: CoreService, clock: FrozenClock, cdi: str
) -> None:
    asking = client(core, cdi)
    tokens = made(asking)
    check = is_at_least(cdi, "2.21")
    verified = asking.verify_session(tokens.access_token.token, check_database=check)
    assert isinstance(verified, Verified)
    assert verified.session.handle == tokens.session.handle
    assert (verified.payload_update_available is False) is (family_of(cdi) == "rotation")
    clock.wait_ms(HOUR_MS + 1000)
    assert isinstance(asking.verify_session(tokens.access_token.token), TryRefreshToken)


@pytest.mark.parametrize("cdi", AGES)
def test_a_replaced_refresh_token_is_theft_in_both_families(
    core: CoreService, clock: FrozenClock, cdi: str
) -> None:
    asking = client(core, cdi)
    first = made(asking)
    second = asking.refresh_session(first.refresh_token.token)
    assert isinstance(second, NewTokens)
    assert isinstance(asking.refresh_session(second.refresh_token.token), NewTokens)
    clock.wait_ms(60_000)
    theft = asking.refresh_session(first.refresh_token.token)
    assert isinstance(theft, TokenTheftDetected)
    assert (theft.session_handle, theft.user_id) == (first.session.handle, "u1")
    is_rotation = family_of(cdi) == "rotation"
    assert theft.reuse_subtype == ("STALE_LINEAGE" if is_rotation else None)
    still_there = isinstance(asking.get_session(first.session.handle), SessionInfo)
    assert still_there is not is_rotation


@pytest.mark.parametrize("cdi", AGES)
def test_data_and_payload_are_replaced_as_a_whole(core: CoreService, cdi: str) -> None:
    asking = client(core, cdi)
    tokens = made(asking)
    handle = tokens.session.handle
    assert asking.set_session_data(handle, {"ß": [1]}) is None
    assert asking.get_session_data(handle) == {"ß": [1]}
    assert asking.set_jwt_payload(handle, {"b": 2}) is None
    assert asking.get_jwt_payload(handle) == {"b": 2}
    again = asking.regenerate(tokens.access_token.token, {"c": 3})
    assert isinstance(again, Regenerated)
    assert again.access_token is not None
    assert again.session.user_data_in_jwt == {"c": 3}


@pytest.mark.parametrize("cdi", AGES)
def test_what_is_gone_is_unauthorised_everywhere(core: CoreService, cdi: str) -> None:
    asking = client(core, cdi)
    tokens = made(asking)
    handle = tokens.session.handle
    assert asking.handles_of_user("u1") == [handle]
    assert asking.revoke_handles([handle, "unknown"]) == [handle]
    assert asking.handles_of_user("u1") == []
    assert isinstance(asking.get_session(handle), Unauthorised)
    assert isinstance(asking.get_session_data(handle), Unauthorised)
    assert isinstance(asking.get_jwt_payload(handle), Unauthorised)
    assert isinstance(asking.set_session_data(handle, {}), Unauthorised)
    assert isinstance(asking.set_jwt_payload(handle, {}), Unauthorised)
    assert isinstance(asking.regenerate(tokens.access_token.token), Unauthorised)
    assert isinstance(asking.refresh_session(tokens.refresh_token.token), Unauthorised)


@pytest.mark.parametrize("cdi", AGES)
def test_keys_are_published_and_sign(core: CoreService, cdi: str) -> None:
    asking = client(core, cdi)
    made(asking)
    keys = asking.jwks()
    assert keys.max_age_s is not None
    assert isinstance(keys.document["keys"], list)
    jwt = asking.sign_jwt({"x": 1}, validity_s=60, jwks_domain="http://core")
    assert isinstance(jwt, str)
    assert jwt.count(".") == 2


@pytest.mark.parametrize("cdi", ["2.7", "2.9", "2.20"])
def test_the_handshake_tells_keys_and_validities(core: CoreService, cdi: str) -> None:
    told = client(core, cdi).handshake()
    assert told.access_token_validity_ms == HOUR_MS
    assert len(told.keys.keys) == (0 if cdi == "2.7" else 1)


def test_a_validity_of_one_s_own_is_kept_exactly_at_5_6(core: CoreService) -> None:
    tokens = client(core, "5.6").create_session("u1", access_token_validity_ms=30_000)
    assert tokens.access_token.expires_at_ms - tokens.access_token.created_at_ms == 30_000


def test_anti_csrf_is_asked_for_and_checked(core: CoreService) -> None:
    asking = client(core, "5.4")
    tokens = asking.create_session("u1", enable_anti_csrf=True)
    csrf = tokens.anti_csrf_token
    assert csrf is not None
    for given, kind in ((csrf, Verified), (None, TryRefreshToken)):
        answer = asking.verify_session(
            tokens.access_token.token,
            anti_csrf_token=given,
            do_anti_csrf_check=True,
            enable_anti_csrf=True,
        )
        assert isinstance(answer, kind)


def test_the_core_s_own_words_reach_the_error(core: CoreService) -> None:
    with pytest.raises(StctlError) as caught:
        client(core, "5.4").create_session("u1", user_data_in_jwt={"sub": "forged"})
    assert caught.value.kind is ErrorKind.CORE_REFUSED
    assert "HTTP 400" in caught.value.detail


def test_the_core_answers_httpx_alike(core: CoreService) -> None:
    transport = HttpTransport("http://core", mount=CoreMount(core.answer))
    asking = CdiClient(transport)
    tokens = made(asking)
    assert asking.handles_of_user("u1") == [tokens.session.handle]
    asking.close()


def test_many_sessions_come_in_detail_and_in_order(core: CoreService) -> None:
    asking = client(core)
    handles = sorted(made(asking).session.handle for _ in range(30))
    asking.revoke_handles(handles[:1])
    seen = list(sessions_in_detail(asking, handles))
    assert [handle for handle, _ in seen] == handles
    assert isinstance(seen[0][1], Unauthorised)
    assert all(isinstance(info, SessionInfo) for _, info in seen[1:])


def test_a_user_is_revoked_from_plan_to_report(core: CoreService, clock: FrozenClock) -> None:
    asking = client(core)
    handles = {made(asking).session.handle for _ in range(3)}
    other = made(asking, "u2").session.handle
    plan = plan_revocation(asking, [UserTarget(user_id="u1"), HandleTarget(handle="gone")])
    assert set(plan.handles) == handles
    assert plan.absent == (HandleTarget(handle="gone"),)
    assert (plan.token_validity.validity_ms, plan.token_validity.source) != (0, "assumed")
    late = made(asking).session.handle
    dealt_with: list[int] = []
    report = carry_out(asking, plan, clock=clock, advance=dealt_with.append)
    assert set(report.revoked) == {*handles, late}
    assert report.already_gone == ("gone",)
    assert report.is_complete
    assert sum(dealt_with) == 3
    assert report.tokens_valid_until_ms == NOW_MS + HOUR_MS
    assert asking.handles_of_user("u2") == [other]
