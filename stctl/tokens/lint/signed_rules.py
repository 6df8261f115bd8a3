"""Rules for JWTs that no core takes as an access token."""

from collections.abc import Iterator

from stctl.tokens.access import PROTECTED_CLAIMS
from stctl.tokens.lint.remark import Remark
from stctl.tokens.lint.text_rules import remarks_on_length, remarks_on_text
from stctl.tokens.lint.time_rules import remarks_on_times
from stctl.tokens.signed import SignedToken
from stctl.tokens.times import Validity


def remarks_on_signed(token: SignedToken, validity: Validity) -> Iterator[Remark]:
    """Everything odd about it; that it is no access token counts only where it claims to be one."""
    missing = _missing_claims(token)
    if missing:
        yield Remark("missing-claim", f"Missing: {', '.join(missing)}.")
    elif "version" in token.header:
        yield Remark("not-an-access-token", f"{token.refusal.part}: {token.refusal.reason}.")
    yield from remarks_on_times(token.payload, validity)
    yield from remarks_on_text(token.text, token.signature_text, is_old=False)
    if token.header.get("alg") == "RS256":
        yield from remarks_on_length(token.signature_text)


def _missing_claims(token: SignedToken) -> list[str]:
    """Claims that the named version demands and the payload lacks, in alphabetical order."""
    version = token.header.get("version")
    if not isinstance(version, str) or version not in {"1", "2", "3", "4", "5"}:
        return []
    return sorted(PROTECTED_CLAIMS[int(version)] - token.payload.keys())
