"""What a trace says of an access token's signature and of the time at the backend."""

from typing import TYPE_CHECKING, Final

from stctl.jsontypes import JsonValue
from stctl.recipe.reading import SessionToken
from stctl.recipe.situation import SignatureVerdict
from stctl.recipe.walk import Answer
from stctl.tokens.hashes import hash1
from stctl.traces.explain import plausibility
from stctl.traces.explain.choices import Option
from stctl.traces.explain.core_calls import CallKind, CoreCall

if TYPE_CHECKING:
    from stctl.traces.explain.facts import RecordedFacts

_OK: Final = 200
_SLIGHT: Final = 0.5


def signature(facts: "RecordedFacts", token: SessionToken) -> Answer[SignatureVerdict]:
    """The verdict of a key set at hand, of the key set that the backend fetched, or a guess."""
    if facts.keys is not None:
        verdict = facts.keys.check(token)
        if verdict is not None:
            return facts.choices.observed(verdict)
    fetched = facts.pending.take_all(CallKind.KEYS)
    if fetched:
        return _by_fetched_keys(facts, token, fetched[-1])
    return facts.choices.inferred(_guesses(facts, token))


def _by_fetched_keys(
    facts: "RecordedFacts", token: SessionToken, call: CoreCall
) -> Answer[SignatureVerdict]:
    keys = call.answer.get("keys")
    if call.status == _OK and not call.is_told:
        return facts.choices.inferred(_guesses(facts, token))
    if call.status != _OK or not isinstance(keys, list):
        return facts.choices.observed(SignatureVerdict.KEYS_UNREACHABLE)
    if token.kid is not None and token.kid not in map(_key_id, keys):
        return facts.choices.observed(SignatureVerdict.UNKNOWN_KEY)
    wrong = Option(SignatureVerdict.WRONG, plausibility.RARE)
    return facts.choices.inferred([Option(SignatureVerdict.HOLDS), wrong])


def _key_id(key: JsonValue) -> JsonValue:
    return key.get("kid") if isinstance(key, dict) else None


def _guesses(facts: "RecordedFacts", token: SessionToken) -> list[Option[SignatureVerdict]]:
    """A backend that fetched no keys had them, unless nobody answered or nobody recorded it."""
    holds, wrong = plausibility.EXPECTED, plausibility.RARE
    if hash1(token.text) in facts.book.notes.good_tokens:
        wrong = plausibility.VERY_RARE
    elif hash1(token.text) in facts.book.notes.bad_tokens:
        holds, wrong = plausibility.UNUSUAL, plausibility.EXPECTED
    unknown = plausibility.RARE + _SLIGHT
    if facts.evidence.core_recorded:
        unknown = plausibility.VERY_RARE
    return [
        Option(SignatureVerdict.HOLDS, holds),
        Option(SignatureVerdict.WRONG, wrong),
        Option(SignatureVerdict.UNKNOWN_KEY, unknown),
        Option(SignatureVerdict.KEYS_UNREACHABLE, plausibility.RARE + _SLIGHT),
    ]


def now_ms(facts: "RecordedFacts") -> Answer[int]:
    """The backend's clock when it looked at the token.

    The moment is known to the length of the exchange, or to seconds by the answer's `Date`, which a
    busy server keeps for longer. Where a token ended in between, both answers remain; where it was
    made later, it may be the clock that is told wrongly. A clock that is off is the dearer guess.
    """
    earliest, latest = facts.evidence.backend_ms
    token = facts.token
    if token is None:
        return facts.choices.observed(latest)
    end = token.expires_at_ms
    if latest < token.created_at_ms:
        return facts.choices.inferred([Option(latest), Option(token.created_at_ms, _SLIGHT)])
    if latest < end:
        ahead = Option(max(end, latest), plausibility.RARE + _SLIGHT)
        return facts.choices.inferred([Option(latest), ahead])
    if earliest >= end:
        behind = Option(end - 1, plausibility.RARE)
        return facts.choices.inferred([Option(latest), behind])
    return facts.choices.inferred([Option(latest), Option(end - 1, _SLIGHT)])
