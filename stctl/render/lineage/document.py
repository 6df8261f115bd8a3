"""The JSON contract `stctl.lineage/1`. Its fields are explained in `docs/guide/lineage.md`."""

from typing import Final

from stctl.jsontypes import JsonValue
from stctl.render.lineage.words import state_of
from stctl.tokens.times import utc_text
from stctl.traces.lineage import (
    AccessSeen,
    Family,
    Generation,
    Theft,
    Use,
    Verdict,
)
from stctl.traces.lineage.asking import CoreWord
from stctl.traces.lineage.wording import theft_says

SCHEMA: Final = "stctl.lineage/1"
Members = dict[str, JsonValue]


def family_document(family: Family, word: CoreWord | None = None) -> Members:
    """One session, with what a core says of it where one was asked."""
    return {
        "session_handle": family.session_handle,
        "user_id": family.user_id,
        "rules": family.rules.value,
        "cdi_versions": [*family.cdi_versions],
        "clients": [
            {
                "label": client.label,
                "address": client.address,
                "user_agent": client.user_agent,
            }
            for client in family.clients
        ],
        "generations": [_generation(one, family, word) for one in family.generations],
        "forgotten_generations": family.forgotten,
        "core": None
        if word is None
        else {"lives": word.lives, "expires_at_ms": word.expires_at_ms},
        "ended": None if family.ended is None else _use(family.ended),
        "theft": None if family.theft is None else _theft(family, family.theft),
        "later_thefts": [*family.later_thefts],
        "verdicts": [_verdict(one) for one in family.verdicts],
    }


def _generation(one: Generation, family: Family, word: CoreWord | None) -> Members:
    return {
        "refresh_hash": one.refresh_hash,
        "parent_hash": one.parent_hash,
        "state": state_of(one, family),
        "is_current": one.is_current,
        "core_says": None if word is None else word.tokens.get(one.refresh_hash),
        "issued": None if one.issued is None else _use(one.issued),
        "use_count": one.use_count,
        "uses": [_use(use) for use in one.uses],
        "access_token_count": one.access_count,
        "access_tokens": [_access(seen) for seen in one.access_tokens],
    }


def _use(use: Use) -> Members:
    return {
        "entry": use.entry,
        "at": utc_text(use.at_ms) if use.at_ms else None,
        "at_ms": use.at_ms or None,
        "kind": use.kind.value,
        "client": use.client,
        "error": use.error,
        "reuse": use.reuse,
        "gave": use.gave,
        "answer_lost": use.lost,
    }


def _access(seen: AccessSeen) -> Members:
    return {
        "hash": seen.hash,
        "minted_at_ms": seen.minted_at_ms,
        "expires_at_ms": seen.expires_at_ms,
        "issued": None if seen.issued is None else seen.issued.entry,
        "first_used": None if seen.first is None else seen.first.entry,
        "last_used": None if seen.last is None else seen.last.entry,
        "use_count": seen.uses,
    }


def _theft(family: Family, theft: Theft) -> Members:
    return {
        "entry": theft.entry,
        "refresh_hash": theft.generation,
        "kind": theft.kind.value,
        "error": theft.error,
        "at_ms": theft.at_ms or None,
        "client": theft.client,
        "stale_since": None if theft.stale_since is None else _use(theft.stale_since),
        "says": theft_says(family, theft),
        "suspect": theft.suspect.value,
        "because": [*theft.because],
    }


def _verdict(verdict: Verdict) -> Members:
    return {
        "rules": verdict.rules.value,
        "entry": verdict.entry,
        "kind": None if verdict.kind is None else verdict.kind.value,
        "says": verdict.says,
    }
