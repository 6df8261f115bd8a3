"""What each recorded scenario is, and which findings it therefore deserves.

Written from what was staged in the scenario, not from what rules say of it. A scenario without a
fault deserves none, however odd its traffic is.
"""

from typing import NamedTuple


class Expected(NamedTuple):
    """What is to be found in the traces of a scenario."""

    must: tuple[str, ...] = ()
    """Ids that have to appear; `A|B` asks for one of the two. Empty: there is no fault."""
    may: tuple[str, ...] = ()
    """Ids that say something true of it beside the fault itself."""


HEALTHY = Expected()

_THEFT = "ST-002|ST-054|ST-103|ST-104"
_AFTER_THEFT = ("ST-015", "ST-105", "ST-106")
_CLAIM = Expected(("ST-017",))
_CORE_DOWN = Expected(("ST-018",))
_DOUBLED = Expected(("ST-003",))

EXPECTED: dict[str, Expected] = {
    # The frontend asks another path than the backend serves.
    # The path of the refresh cookie is one sign of it. The refresh is called for with a token that
    # has a wrong signature.
    "api-base-path-mismatch": Expected(("ST-020",), ("ST-021", "ST-102")),
    "e2e-wrong-base-path": Expected(("ST-020",), ("ST-021",)),
    # The SDK's middleware is not installed: no refresh API, and nothing clears the tokens.
    "exception-handler-only": Expected(("ST-118",), ("ST-106",)),
    "refresh-via-get": Expected(("ST-112",)),
    # The app's own code.
    "app-exception": Expected(("ST-108",)),
    "app-throws-unauthorised": Expected(("ST-115",)),
    "e2e-own-401-retry-limit": Expected(("ST-001",)),
    "throwing-overrides": Expected(("ST-107",), (*_THEFT.split("|"), "ST-106", "ST-105", "ST-017")),
    "throwing-overrides-general": Expected(
        ("ST-107",), (*_THEFT.split("|"), "ST-106", "ST-105", "ST-017")
    ),
    # Handlers write 419, 498 and the like: the frontend refreshes on 401 alone. On the way the
    # scenario stages a claim that fails, doubled cookies, and a theft.
    "custom-status-codes": Expected(("ST-057", "ST-003", "ST-017", _THEFT), ("ST-105", "ST-015")),
    # The backend is set to 440, the frontend to 401. A garbage refresh token and a token with a
    # wrong signature are what it is shown with.
    "session-expired-status-440": Expected(("ST-057",), ("ST-102", "ST-114")),
    "session-expired-status-440-old": Expected(("ST-057",), ("ST-114",)),
    # Claims.
    "claim-fails": _CLAIM,
    "e2e-claim-fails": _CLAIM,
    "audience-claim.flask": Expected(("ST-110",), ("ST-101",)),
    # Go's library does not look at the audience: nothing comes of it.
    "audience-claim.go": HEALTHY,
    # Clocks.
    "backend-clock-ahead": Expected(("ST-116",), ("ST-101",)),
    # Cookies.
    "cookie-domain-mismatch": Expected(("ST-040",)),
    "secure-cookie-on-http": Expected(("ST-042",)),
    # The Go app wrote its cookies without Secure; the client refused them all the same.
    "secure-cookie-on-http.go": Expected(("ST-026",)),
    "samesite-lax-cross-site": Expected(("ST-004|ST-008",)),
    "e2e-cookies-lost": Expected(("ST-026",)),
    "duplicate-access-cookies": _DOUBLED,
    "duplicate-cookies-older-domain": _DOUBLED,
    "e2e-duplicate-cookies": _DOUBLED,
    "legacy-id-refresh-cookie": Expected(("ST-029",)),
    "header-and-cookie": Expected(("ST-014",)),
    # Headers.
    "csrf-custom-header-missing": Expected(("ST-011",)),
    "csrf-default-cross-site": Expected(("ST-011",)),
    "csrf-token-missing": Expected(("ST-011",)),
    "proxy-strips-front-token": Expected(("ST-027",)),
    # Tokens.
    "garbage-access-token": Expected(("ST-113",)),
    "refresh-garbage": Expected(("ST-114",)),
    "wrong-key-known-kid": Expected(("ST-102",)),
    "static-vs-dynamic-key": Expected(("ST-023",)),
    # The core.
    "core-500": Expected(("ST-109",)),
    "core-down-warm": _CORE_DOWN,
    "chromium-core-down": _CORE_DOWN,
    "e2e-core-down": _CORE_DOWN,
    "e2e-expired-core-down": _CORE_DOWN,
    "core-first-host-down": Expected(("ST-018|ST-117",), ("ST-018", "ST-117")),
    "core-rate-limited-forever": Expected(("ST-050",)),
    "core-replaced": Expected(("ST-119",), ("ST-022",)),
    "core-replaced-old": Expected(("ST-119",)),
    "core-too-old": Expected(("ST-007",)),
    "core-unknown-app": Expected(("ST-111",)),
    "core-wrong-api-key": Expected(("ST-019",)),
    # Sessions that end.
    "theft-parent-reused": Expected((_THEFT,), _AFTER_THEFT),
    "theft-parent-reused-old": Expected((_THEFT,), _AFTER_THEFT),
    # A handler of the app's own that does not revoke leaves the thief in.
    "theft-parent-reused.custom": Expected((_THEFT, "ST-105"), _AFTER_THEFT),
    "theft-parent-reused-old.custom": Expected((_THEFT, "ST-105"), _AFTER_THEFT),
    "refresh-race": Expected(("ST-002",), _AFTER_THEFT),
    "refresh-race.custom": Expected(("ST-002", "ST-105"), _AFTER_THEFT),
    "revoked-session": Expected(("ST-015",)),
    "e2e-revoked-elsewhere": Expected(("ST-015",)),
    # Old Node SDKs clear nothing where the core knew no such session any more.
    "signout-api.express-5": Expected(("ST-039",)),
    "signout-api.express-6": Expected(("ST-039",)),
    "signout-api.express-9": Expected(("ST-039",)),
    "signout-api": HEALTHY,
    # What is in order: logins, refreshes, sign-outs, ends of sessions, first visits.
    "chromium-anti-csrf-token": HEALTHY,
    "chromium-expired-then-retry": HEALTHY,
    "chromium-first-visit": HEALTHY,
    "chromium-sign-out": HEALTHY,
    "e2e-anti-csrf-token": HEALTHY,
    "e2e-expired-then-retry": HEALTHY,
    "e2e-first-visit": HEALTHY,
    "e2e-sign-out": HEALTHY,
    "expired-access-token": HEALTHY,
    "expired-session-row": HEALTHY,
    "login-and-use": HEALTHY,
    "login-and-use-old": HEALTHY,
    "login-switches-mode": HEALTHY,
    "logout-route": HEALTHY,
    "manual-get-session": HEALTHY,
    "no-auth-mode-header": HEALTHY,
    "no-token": HEALTHY,
    "refresh-no-token": HEALTHY,
    "refresh-ok": HEALTHY,
    "refresh-revoked": HEALTHY,
    "reuse-before-child-used": HEALTHY,
    "update-payload": HEALTHY,
}
"""By scenario, or by `scenario.backend` or `scenario.handlers` where they make a difference."""


def expected_of(name: str) -> Expected:
    """What a trace deserves, by its file name without endings; raises KeyError if unknown."""
    scenario, backend, handlers, _ = name.split(".")
    for key in (f"{scenario}.{backend}", f"{scenario}.{handlers}"):
        if key in EXPECTED:
            return EXPECTED[key]
    return EXPECTED[scenario]
