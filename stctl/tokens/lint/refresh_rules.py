"""Rules for refresh tokens, as far as their outer form goes."""

import re
from collections.abc import Iterator
from typing import Final

from stctl.tokens.lint.remark import Remark
from stctl.tokens.refresh import MINTED_TYPE, RefreshToken

_NONCE: Final = re.compile(r"[0-9a-f]{64}")
_SEALED: Final = re.compile(r"(?:[A-Za-z0-9+/]{4})*+(?:[A-Za-z0-9+/]{2}(?:==|[A-Za-z0-9+/]=))?")


def remarks_on_refresh(token: RefreshToken) -> Iterator[Remark]:
    """Everything odd about a refresh token."""
    suffix = token.text.rstrip(".").rsplit(".", 1)[1]
    if suffix != MINTED_TYPE:
        yield Remark("type-suffix", f"It ends in {suffix}.")
    if token.text.endswith("."):
        yield Remark("trailing-characters", "Dots after the type.")
    if not _NONCE.fullmatch(token.nonce):
        yield Remark("nonce-form", f"It has {len(token.nonce)} characters.")
    if not _SEALED.fullmatch(token.sealed_text):
        yield Remark("base64-form", "The content is not padded standard base64.")
