"""Judges a core's key set, the age of its keys, and by both its clock."""

from stctl.checks.clock_skew import Skew, skew_of
from stctl.checks.core_rules import number
from stctl.checks.core_settings import CoreConfig
from stctl.checks.finding import Finding, failed, passed, skipped, warned
from stctl.checks.keyset import KeySituation
from stctl.tokens.times import duration_text

_NEAR_MS, _FAR_MS = 5_000, 60_000
_OLD_COPY_S = 300


def judge_keys(situation: KeySituation, age: str | None) -> Finding:
    """Judge what is published; `age` is what a cache in between says of its copy."""
    if not situation.keys:
        return failed(
            "core.keys", "there is no key", "No token can be checked. Look at the core's log."
        )
    static = len(situation.keys) - len(situation.dynamic)
    detail = f"{len(situation.dynamic)} dynamic, {static} static"
    if age is not None and age.strip().isdigit() and int(age) > _OLD_COPY_S:
        return warned(
            "core.keys",
            f"{detail}; a copy that is {duration_text(int(age) * 1000)} old",
            "A cache answers for the core: after a rotation tokens are refused for so long.",
        )
    if situation.max_age_s is None:
        return warned(
            "core.keys",
            f"{detail}; how long they may be kept is not told",
            "Something between drops the header Cache-Control.",
        )
    return passed("core.keys", f"{detail}, kept for {duration_text(situation.max_age_s * 1000)}")


def _interval_ms(config: CoreConfig) -> int | None:
    """The rotation interval, where the core itself tells it."""
    if config.refusal is not None:
        return None
    hours = number(config.value("access_token_dynamic_signing_key_update_interval"))
    return None if hours is None else round(hours * 3_600_000)


def judge_key_age(situation: KeySituation | None, config: CoreConfig) -> Finding:
    """Judge the age of the key that signs."""
    if situation is None:
        return skipped("core.key-age", "core.keys failed")
    signing = next((one for one in situation.dynamic if one.role == "signs"), None)
    if signing is None or signing.created_at_ms is None:
        return skipped("core.key-age", "there is no dynamic key; static ones never rotate")
    age_ms = max(0, situation.now_ms - signing.created_at_ms)
    interval_ms = _interval_ms(config) or situation.interval_ms
    detail = f"{signing.kid} signs, {duration_text(age_ms)} old"
    if interval_ms is None:
        return passed("core.key-age", detail)
    if age_ms > interval_ms + _FAR_MS and not situation.is_due:
        return warned(
            "core.key-age",
            f"{detail}, and should have been replaced after {duration_text(interval_ms)}",
            "The key set seems to be an old copy: look for a cache between.",
        )
    return passed("core.key-age", f"{detail}, of {duration_text(interval_ms)}")


def judge_clock(
    situation: KeySituation | None, config: CoreConfig, date: str | None, now_ms: int
) -> Finding:
    """Judge the core's clock by this machine's."""
    if situation is None:
        return skipped("core.clock", "core.keys failed")
    skew = skew_of(situation, _interval_ms(config), date, now_ms)
    if skew is None:
        return skipped("core.clock", "nothing that it answers tells its time")
    return _skew(skew)


def _skew(skew: Skew) -> Finding:
    off_ms = abs(skew.ahead_ms)
    told = "by the age of its keys" if skew.source == "key set" else "by the header Date"
    if off_ms <= _NEAR_MS:
        return passed("core.clock", f"they agree to a few seconds, {told}")
    where = "ahead of" if skew.ahead_ms > 0 else "behind"
    detail = f"the core's is {duration_text(off_ms)} {where} this machine's, {told}"
    hint = (
        "Backends judge the expiry of tokens by their own clock: where it differs from the core's, "
        "fresh tokens are refused and clients refresh in a loop. Let all follow one time server."
    )
    return (warned if off_ms <= _FAR_MS else failed)("core.clock", detail, hint)
