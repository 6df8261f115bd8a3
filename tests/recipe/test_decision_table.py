"""The decision table of the SDKs, row by row: behaviour notes 9."""

from dataclasses import dataclass, field, replace

import pytest

from conftest import NOW_MS
from staged_facts import (
    HANDLE,
    HOUR_MS,
    REFRESH_TOKEN,
    REMOVED,
    StagedFacts,
    access_token,
    answer,
    new_tokens,
    request,
    session_facts,
)
from stctl.exchange import Request
from stctl.recipe.config import AntiCsrf, AppConfig, VerifyOptions
from stctl.recipe.core_replies import CoreTrouble
from stctl.recipe.failures import ClaimError, General, Unauthorised
from stctl.recipe.marks import read_marks
from stctl.recipe.profiles.newest import GO
from stctl.recipe.situation import LoginPlan, RouteThrew, SignatureVerdict
from stctl.sessions import answers

TOKEN = access_token()
REFRESHED = access_token(parent="e" * 64)
COOKIE = f"sAccessToken={TOKEN}"
BOTH = f"{COOKIE}; sRefreshToken={REFRESH_TOKEN}"
REFRESH_PATH = "/auth/session/refresh"
ALL_CLEARED = {
    "cookie:sAccessToken",
    "cookie:sRefreshToken",
    "header:st-access-token",
    "header:st-refresh-token",
    "header:front-token",
}
NONE = AppConfig()
VIA_TOKEN = AppConfig(anti_csrf=AntiCsrf.VIA_TOKEN)
VIA_HEADER = AppConfig(anti_csrf=AntiCsrf.VIA_CUSTOM_HEADER)
GONE = answers.Unauthorised(message="gone")
OPTIONAL = VerifyOptions(session_required=False)
DATABASE = VerifyOptions(check_database=True)
VERIFIED = answers.Verified(
    session=session_facts(), access_token=None, payload_update_available=None
)
THEFT = answers.TokenTheftDetected(
    session_handle=HANDLE, user_id="alice", recipe_user_id="alice", reuse_subtype=None
)


def trouble(kind: str, status: int | None = None) -> CoreTrouble:
    return CoreTrouble(
        kind=kind,  # type: ignore[arg-type] # the rows name kinds
        method="POST",
        path="/recipe/session/refresh",
        status=status,
    )


@dataclass(frozen=True, kw_only=True)
class Row:
    sent: Request
    facts: StagedFacts = field(default_factory=StagedFacts)
    app: AppConfig = NONE
    error: str | None = None
    handler: str | None = None
    status: int | None = 200
    cleared: frozenset[str] = frozenset()
    core_asked: int = 0


def refused(row: Row, handler: str, *, clears: bool) -> Row:
    cleared = frozenset(ALL_CLEARED) if clears else frozenset()
    return replace(row, handler=handler, status=401, cleared=cleared)


def try_refresh(row: Row) -> Row:
    return refused(replace(row, error="TRY_REFRESH_TOKEN"), "onTryRefreshToken", clears=False)


def unauthorised(row: Row, *, clears: bool) -> Row:
    return refused(replace(row, error="UNAUTHORISED"), "onUnauthorised", clears=clears)


def general(row: Row) -> Row:
    return replace(row, error="GENERAL_ERROR", handler="framework_error_response", status=500)


def post_refresh(cookies: str | None = BOTH, **headers: str) -> Request:
    return request("POST", REFRESH_PATH, cookies=cookies, **headers)


VERIFY_ROWS = {
    "1 preflight": Row(sent=request("OPTIONS")),
    "2 legacy cookie": try_refresh(Row(sent=request(cookies=f"sIdRefreshToken=x; {COOKIE}"))),
    "2 legacy cookie, optional session": try_refresh(
        Row(sent=request(cookies="sIdRefreshToken=x"), facts=StagedFacts(plan=OPTIONAL))
    ),
    "3 no token": unauthorised(Row(sent=request()), clears=False),
    "4 no token, optional session": Row(sent=request(), facts=StagedFacts(plan=OPTIONAL)),
    "5 not a token": unauthorised(Row(sent=request(cookies="sAccessToken=junk")), clears=False),
    "5 a token of another kind": unauthorised(
        Row(sent=request(cookies=f"sAccessToken={access_token(claims={'stt': 1})}")), clears=False
    ),
    "6 not a token, optional session": Row(
        sent=request(cookies="sAccessToken=junk"), facts=StagedFacts(plan=OPTIONAL)
    ),
    "7 bearer unusable, cookie good": Row(sent=request(cookies=COOKIE, bearer="an-api-key")),
    "8 two access cookies": try_refresh(Row(sent=request(cookies=f"{COOKIE}; {COOKIE}"))),
    "9 POST without rid": try_refresh(Row(sent=request("POST", cookies=COOKIE), app=VIA_HEADER)),
    "9 GET without rid": Row(sent=request(cookies=COOKIE), app=VIA_HEADER),
    "9 HEAD without rid": try_refresh(Row(sent=request("HEAD", cookies=COOKIE), app=VIA_HEADER)),
    "9 any rid will do": Row(sent=request("POST", cookies=COOKIE, rid="x"), app=VIA_HEADER),
    "9 header mode is never checked": Row(sent=request("POST", bearer=TOKEN), app=VIA_HEADER),
    "10 expired": try_refresh(
        Row(sent=request(cookies=COOKIE), facts=StagedFacts(now=NOW_MS + HOUR_MS))
    ),
    "10 still valid a millisecond before": Row(
        sent=request(cookies=COOKIE), facts=StagedFacts(now=NOW_MS + HOUR_MS - 1)
    ),
    "11 expired, optional session": try_refresh(
        Row(
            sent=request(cookies=COOKIE),
            facts=StagedFacts(plan=OPTIONAL, now=NOW_MS + HOUR_MS),
        )
    ),
    "12 wrong signature": try_refresh(
        Row(sent=request(cookies=COOKIE), facts=StagedFacts(verdict=SignatureVerdict.WRONG))
    ),
    "13 unknown key": try_refresh(
        Row(sent=request(cookies=COOKIE), facts=StagedFacts(verdict=SignatureVerdict.UNKNOWN_KEY))
    ),
    "14 keys unreachable": try_refresh(
        Row(
            sent=request(cookies=COOKIE),
            facts=StagedFacts(verdict=SignatureVerdict.KEYS_UNREACHABLE),
        )
    ),
    "15 keys unreachable, Go": general(
        Row(
            sent=request(cookies=COOKIE),
            facts=StagedFacts(verdict=SignatureVerdict.KEYS_UNREACHABLE),
            app=AppConfig(profile=GO),
        )
    ),
    "16 signed with a static key": try_refresh(
        Row(sent=request(cookies=f"sAccessToken={access_token(kid='s-1')}"))
    ),
    "16 static is what the app wants": Row(
        sent=request(cookies=f"sAccessToken={access_token(kid='s-1')}"),
        app=AppConfig(dynamic_signing_key=False),
    ),
    "17 anti-CSRF value missing": try_refresh(
        Row(
            sent=request("POST", cookies=f"sAccessToken={access_token(anti_csrf='a')}"),
            app=VIA_TOKEN,
        )
    ),
    "17 anti-CSRF value wrong": try_refresh(
        Row(
            sent=request(
                "POST", cookies=f"sAccessToken={access_token(anti_csrf='a')}", anti_csrf="b"
            ),
            app=VIA_TOKEN,
        )
    ),
    "17 anti-CSRF value right": Row(
        sent=request("POST", cookies=f"sAccessToken={access_token(anti_csrf='a')}", anti_csrf="a"),
        app=VIA_TOKEN,
    ),
    "18 valid, no parent": Row(sent=request(cookies=COOKIE)),
    "20 valid with parent": Row(
        sent=request(cookies=f"sAccessToken={REFRESHED}"),
        facts=StagedFacts(verify=VERIFIED),
        core_asked=1,
    ),
    "21 database says gone": unauthorised(
        Row(
            sent=request(cookies=COOKIE),
            facts=StagedFacts(plan=DATABASE, verify=GONE),
            core_asked=1,
        ),
        clears=True,
    ),
    "22 core refuses the token": try_refresh(
        Row(
            sent=request(cookies=COOKIE),
            facts=StagedFacts(plan=DATABASE, verify=answers.TryRefreshToken(message="no")),
            core_asked=1,
        )
    ),
    "23 core refuses the connection": general(
        Row(
            sent=request(cookies=COOKIE),
            facts=StagedFacts(plan=DATABASE, verify=trouble("refused")),
            core_asked=1,
        )
    ),
    "24 core fails": general(
        Row(
            sent=request(cookies=COOKIE),
            facts=StagedFacts(plan=DATABASE, verify=trouble("status", 500)),
            core_asked=1,
        )
    ),
    "26 a claim is invalid": replace(
        refused(
            Row(
                sent=request(cookies=COOKIE),
                facts=StagedFacts(claims=(ClaimError(id="st-ev", reason={"message": "no"}),)),
                error="INVALID_CLAIMS",
            ),
            "onInvalidClaim",
            clears=False,
        ),
        status=403,
    ),
    "29 the route throws UNAUTHORISED": unauthorised(
        Row(
            sent=request(cookies=COOKIE),
            facts=StagedFacts(route_end=RouteThrew(failure=Unauthorised(message="banned"))),
        ),
        clears=True,
    ),
    "30 the route throws": general(
        Row(
            sent=request(cookies=COOKIE),
            facts=StagedFacts(route_end=RouteThrew(failure=General(message="a bug"))),
        )
    ),
}

REFRESH_ROWS = {
    "37 doubled cookies": general(Row(sent=post_refresh(f"{BOTH}; {COOKIE}"))),
    "38 doubled cookies, older domain known": Row(
        sent=post_refresh(f"{BOTH}; {COOKIE}"),
        app=AppConfig(older_cookie_domain=""),
        error="CLEAR_DUPLICATE_SESSION_COOKIES",
        handler="onClearDuplicateSessionCookies",
        cleared=frozenset({"cookie:sAccessToken"}),
    ),
    "39 access cookie alone": unauthorised(Row(sent=post_refresh(COOKIE)), clears=True),
    "40 no token at all": unauthorised(Row(sent=post_refresh(None)), clears=True),
    "41 no rid": unauthorised(Row(sent=post_refresh(), app=VIA_HEADER), clears=True),
    "42 not this core's token": unauthorised(
        Row(sent=post_refresh(), facts=StagedFacts(refresh=GONE), core_asked=1), clears=True
    ),
    "46 current": Row(sent=post_refresh(), facts=StagedFacts(refresh=new_tokens()), core_asked=1),
    "48 replaced": refused(
        Row(
            sent=post_refresh(),
            facts=StagedFacts(refresh=THEFT, remove=REMOVED),
            core_asked=2,
            error="TOKEN_THEFT_DETECTED",
        ),
        "onTokenTheftDetected",
        clears=True,
    ),
    "51 core down": general(
        Row(sent=post_refresh(), facts=StagedFacts(refresh=trouble("refused")), core_asked=1)
    ),
    "53 legacy cookie on top": Row(
        sent=post_refresh(f"{BOTH}; sIdRefreshToken=x"),
        facts=StagedFacts(refresh=new_tokens()),
        core_asked=1,
        cleared=frozenset({"cookie:sIdRefreshToken"}),
    ),
}

LOGIN = LoginPlan(user_id="alice")
OTHER_ROWS = {
    "55 sign out": Row(
        sent=request("POST", "/auth/signout", cookies=COOKIE),
        facts=StagedFacts(remove=REMOVED),
        core_asked=1,
        cleared=frozenset({"cookie:sAccessToken", "cookie:sRefreshToken", "header:front-token"}),
    ),
    "56 sign out, expired": try_refresh(
        Row(
            sent=request("POST", "/auth/signout", cookies=COOKIE),
            facts=StagedFacts(now=NOW_MS + HOUR_MS),
        )
    ),
    "57 sign out without a session": unauthorised(
        Row(sent=request("POST", "/auth/signout")), clears=False
    ),
    "58 sign out with failing claims": Row(
        sent=request("POST", "/auth/signout", bearer=TOKEN),
        facts=StagedFacts(remove=REMOVED, claims=(ClaimError(id="x", reason=None),)),
        core_asked=1,
        cleared=frozenset(
            {"header:st-access-token", "header:st-refresh-token", "header:front-token"}
        ),
    ),
    "59 sign out, core down": general(
        Row(
            sent=request("POST", "/auth/signout", cookies=COOKIE),
            facts=StagedFacts(remove=trouble("refused")),
            core_asked=1,
        )
    ),
    "60 cookies that no browser takes": general(
        Row(
            sent=request("POST", "/login", st_auth_mode="cookie"),
            facts=StagedFacts(plan=LOGIN),
            app=AppConfig(cookie_same_site="none", api_domain="http://api.example.com"),
        )
    ),
    "61 login, core down": general(
        Row(
            sent=request("POST", "/login"),
            facts=StagedFacts(plan=LOGIN, create=trouble("refused")),
            core_asked=1,
        )
    ),
    "62 login in another transfer method": Row(
        sent=request("POST", "/login", cookies=COOKIE, st_auth_mode="header"),
        facts=StagedFacts(plan=LOGIN, create=new_tokens()),
        core_asked=1,
        cleared=frozenset({"cookie:sAccessToken", "cookie:sRefreshToken"}),
    ),
}
ROWS = {**VERIFY_ROWS, **REFRESH_ROWS, **OTHER_ROWS}


@pytest.mark.parametrize("name", ROWS)
def test_the_row_of_the_decision_table_holds(name: str) -> None:
    row = ROWS[name]
    facts = replace(row.facts, asked=[])
    answered = answer(row.sent, facts, row.app).value
    response = answered.response
    assert response is not None
    failure = answered.failure
    assert (failure.error if failure else None) == row.error
    assert answered.firing.handler == row.handler
    assert response.status == row.status
    assert set(read_marks(response.headers).cleared) == row.cleared
    assert len(facts.core_questions()) == row.core_asked
