"""Readings of an app's configuration: what is known of it, and guesses for what is not."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any, Final

from stctl.recipe.config import AntiCsrf, AppConfig
from stctl.recipe.handlers import DEFAULT_MESSAGES
from stctl.recipe.profiles.history import likely_versions, profile_at
from stctl.recipe.profiles.profile import Profile, SdkName
from stctl.recipe.profiles.version import SdkVersion
from stctl.recipe.reading import SessionToken, read_session_token
from stctl.recipe.transfer import ACCESS_COOKIE, REFRESH_COOKIE, read_transfer
from stctl.traces.explain import plausibility
from stctl.traces.explain.book import Book
from stctl.traces.explain.evidence import Evidence
from stctl.traces.explain.known_app import KnownApp
from stctl.traces.explain.relevance import may_be_wrong_kind_of_key, may_lack_custom_header
from stctl.traces.explain.search import Reading, Variant

_EXPIRED: Final = 401
_INVALID_CLAIM: Final = 403
_API_TAILS: Final = ("/session/refresh", "/signout")
_DEFAULT_TEXTS: Final = frozenset(DEFAULT_MESSAGES.values())
_PLAIN = AppConfig()


def base_config(evidence: Evidence, known: KnownApp, profile: Profile) -> AppConfig:
    """The configuration with the SDK's defaults for what is not known."""
    return _set_up(known, profile, _base_path(evidence, known))


# One app has few set-ups, and a long trace many requests.
@lru_cache(maxsize=1024)
def _set_up(known: KnownApp, profile: Profile, base_path: str) -> AppConfig:
    anti_csrf = known.anti_csrf if isinstance(known.anti_csrf, AntiCsrf) else None
    dynamic = known.use_dynamic_access_token_signing_key
    return AppConfig(
        profile=profile,
        api_domain=known.api_domain or _PLAIN.api_domain,
        api_base_path=base_path,
        anti_csrf=anti_csrf,
        transfer_method=known.get_token_transfer_method or "any",
        cookie_domain=known.cookie_domain,
        older_cookie_domain=known.older_cookie_domain,
        cookie_same_site=known.cookie_same_site,
        session_expired_status=known.session_expired_status_code or _EXPIRED,
        invalid_claim_status=known.invalid_claim_status_code or _INVALID_CLAIM,
        dynamic_signing_key=True if dynamic is None else dynamic,
    )


def _base_path(evidence: Evidence, known: KnownApp) -> str:
    """The base path; unknown, it is what stands before the name of an SDK's own API."""
    if known.api_base_path is not None:
        return known.api_base_path
    request = evidence.request
    tail = next((one for one in _API_TAILS if request.path.endswith(one)), None)
    if request.method != "POST" or tail is None:
        return _PLAIN.api_base_path
    return request.path.removesuffix(tail)


def profiles_of_app(known: KnownApp, shown: SdkName | None) -> tuple[Profile, ...]:
    """The profiles that the SDK may have; one where its version is known, Node where nothing is.

    `shown` is the SDK by its habits, for an app of which nobody said it.
    """
    sdk = known.sdk or SdkVersion(name=shown or "node")
    versions = (sdk,) if sdk.version is not None else likely_versions(sdk.name)
    return tuple(profile_at(version, known.framework) for version in versions)


def readings_of(
    evidence: Evidence,
    known: KnownApp,
    book: Book,
    profiles: Sequence[Profile],
    price: float = plausibility.EXPECTED,
) -> list[Reading]:
    """For each profile the configurations that make a difference for a request.

    `price` is what it takes to believe in the request itself, where it was not recorded whole.
    """
    eras = _prices_of_eras(evidence, book, profiles) if len(profiles) > 1 else [0.0]
    return [
        Reading(price + era, partial(_variants, evidence, known, book, profile, price + era))
        for profile, era in zip(profiles, eras, strict=True)
    ]


def _variants(
    evidence: Evidence, known: KnownApp, book: Book, profile: Profile, price: float
) -> list[Variant]:
    base = _with_statuses(base_config(evidence, known, profile), known, book, evidence)
    found = [Variant(base, price)]
    calm = not evidence.is_trouble and not _may_be_cleared(evidence)
    for widen in (_signing_key,) if calm else (_anti_csrf, _signing_key, _older_domain):
        found = [after for before in found for after in widen(before, evidence, known, book)]
    return found


def _prices_of_eras(evidence: Evidence, book: Book, profiles: Sequence[Profile]) -> list[float]:
    """What speaks for or against the seed era: its marker, alone in it and nowhere else."""
    told = book.notes.is_seed if evidence.seed_shown is None else evidence.seed_shown
    if told is None:
        likely = _carries_seed_tokens(evidence, profiles[0])
        unlikely = plausibility.COMMON if likely else plausibility.UNCOMMON
    else:
        likely, unlikely = told, plausibility.VERY_RARE
    return [
        unlikely * ((profile.seed is not None) != likely) + 0.1 * place
        for place, profile in enumerate(profiles)
    ]


def _carries_seed_tokens(evidence: Evidence, profile: Profile) -> bool:
    """Whether the marker cookie came with an access token of the time before key names."""
    transfer = read_transfer(evidence.request, profile)
    text = transfer.cookie(ACCESS_COOKIE) if transfer.has_legacy_cookie else None
    token = read_session_token(text, profile) if text else None
    return token is not None and token.kid is None


def _may_be_cleared(evidence: Evidence) -> bool:
    """Whether it is a refresh, whose answer to doubled cookies is a 200."""
    return evidence.request.path.endswith(_API_TAILS) and not evidence.sets_refresh_token


def _with_statuses(base: AppConfig, known: KnownApp, book: Book, evidence: Evidence) -> AppConfig:
    """A default answer tells its status; so do those before it."""
    message = evidence.members.get("message")
    expired, invalid = base.session_expired_status, base.invalid_claim_status
    if known.session_expired_status_code is None:
        is_default = message in _DEFAULT_TEXTS and message != "invalid claim"
        expired = (evidence.status if is_default else book.notes.expired_status) or _EXPIRED
    if known.invalid_claim_status_code is None and message == "invalid claim":
        invalid = evidence.status
    return _changed(base, session_expired_status=expired, invalid_claim_status=invalid)


@lru_cache(maxsize=1024)
def _changed(app: AppConfig, **settings: Any) -> AppConfig:
    return replace(app, **settings)


def _anti_csrf(variant: Variant, evidence: Evidence, known: KnownApp, book: Book) -> list[Variant]:
    del book
    if known.anti_csrf is not None or evidence.request.method == "GET":
        return [variant]
    if _carries_anti_csrf(evidence, variant.app):
        return [Variant(_changed(variant.app, anti_csrf=AntiCsrf.VIA_TOKEN), variant.price)]
    if not may_lack_custom_header(evidence.request, variant.app.profile):
        return [variant]
    header = Variant(
        _changed(variant.app, anti_csrf=AntiCsrf.VIA_CUSTOM_HEADER),
        variant.price + plausibility.COMMON,
    )
    return [variant, header]


def _carries_anti_csrf(evidence: Evidence, app: AppConfig) -> bool:
    """A token with an anti-CSRF value comes from an app in the mode VIA_TOKEN."""
    text = read_transfer(evidence.request, app.profile).cookie(ACCESS_COOKIE)
    token = read_session_token(text, app.profile) if text else None
    return token is not None and token.anti_csrf_token is not None


def _signing_key(
    variant: Variant, evidence: Evidence, known: KnownApp, book: Book
) -> list[Variant]:
    """The kind of key that the app uses; an answer that went well shows it by the token's."""
    token = _presented(evidence, variant.app)
    if known.use_dynamic_access_token_signing_key is not None or token is None:
        return [variant]
    usual = not book.notes.static_keys
    kinds = (True, False) if may_be_wrong_kind_of_key(evidence) else (token.is_dynamic,)
    return [
        Variant(
            _changed(variant.app, dynamic_signing_key=kind),
            variant.price + (plausibility.EXPECTED if kind == usual else plausibility.UNCOMMON),
        )
        for kind in kinds
    ]


def _presented(evidence: Evidence, app: AppConfig) -> SessionToken | None:
    transfer = read_transfer(evidence.request, app.profile)
    for text in (transfer.bearer, transfer.cookie(ACCESS_COOKIE)):
        token = read_session_token(text, app.profile) if text else None
        if token is not None and token.kid is not None:
            return token
    return None


def _older_domain(
    variant: Variant, evidence: Evidence, known: KnownApp, book: Book
) -> list[Variant]:
    del book
    if known.older_cookie_domain is not None:
        return [variant]
    doubled = read_transfer(evidence.request, variant.app.profile).doubled
    if not doubled & {ACCESS_COOKIE, REFRESH_COOKIE}:
        return [variant]
    configured = Variant(
        _changed(variant.app, older_cookie_domain=""), variant.price + plausibility.COMMON
    )
    return [variant, configured]
