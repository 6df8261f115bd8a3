"""What is wrong with a text that should be a token, and where."""

from typing import Literal, TypeAlias

TokenPart: TypeAlias = Literal[
    "token", "header", "payload", "signature", "content", "nonce", "type"
]
"""`header`, `payload` and `signature` are parts of signed tokens; `content`, `nonce` and `type` of
refresh tokens; `token` is the whole."""


class TokenProblem(Exception):  # noqa: N818 - a finding about input, reported as such
    """A text is not the token it was read as.

    `position` is the 0-based offset in the token's text where the fault shows, or None where it has
    no place there. `claim` is the claim that is at fault, if one is. The message never repeats more
    than one character of the token.
    """

    def __init__(
        self,
        part: TokenPart,
        reason: str,
        *,
        position: int | None = None,
        claim: str | None = None,
    ) -> None:
        place = "" if position is None else f" at byte {position}"
        super().__init__(f"{part}{place}: {reason}")
        self.part = part
        self.reason = reason
        self.position = position
        self.claim = claim


def wrong_part_count(count: int) -> TokenProblem:
    """The problem of a text that has not the three dot-separated parts of a token."""
    noun = "part" if count == 1 else "parts"
    return TokenProblem("token", f"{count} dot-separated {noun} instead of 3")
