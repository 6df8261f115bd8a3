"""Rules for the times of a signed token."""

from collections.abc import Iterator
from typing import Final

from stctl.jsontypes import JsonObject
from stctl.tokens.lint.remark import Remark
from stctl.tokens.times import Validity, relative_text, utc_text

_TIMES: Final = ("exp", "iat", "expiryTime", "timeCreated")


def remarks_on_times(payload: JsonObject, validity: Validity) -> Iterator[Remark]:
    """What is odd about its times, and about how they are written."""
    floats = [claim for claim in _TIMES if isinstance(payload.get(claim), float)]
    if floats:
        yield Remark("float-time", f"{' and '.join(floats)}: a number with fraction or exponent.")
    issued, expires = validity.issued_at_ms, validity.expires_at_ms
    if issued is None:
        return
    if expires is not None and expires <= issued:
        yield Remark("time-order", f"Issued {utc_text(issued)}, expires {utc_text(expires)}.")
    if issued > validity.now_ms:
        yield Remark("issued-in-future", f"Issued {relative_text(issued, validity.now_ms)}.")
