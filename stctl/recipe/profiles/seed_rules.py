"""What differs among the SDKs of the seed era, before tokens could travel in headers.

Source: SDKs, behaviour notes 2.6, 3 and 7, and recordings of supertokens-node 5.0.1, 6.1.1 and
9.3.1 and of supertokens-python 0.11.14.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedRules:
    """The habits of one SDK that still marks sessions with the cookie sIdRefreshToken."""

    core_judges_doubts: bool = False
    """Whether the core is asked about tokens and anti-CSRF values that fail locally."""
    refresh_without_rid_clears: bool = False
    sign_out_clears_always: bool = False
    """Whether sign-out clears although the core had no such session any more."""
    no_session: str = (
        "Session does not exist. Are you sending the session tokens in the request as cookies?"
    )
    token_gone: str = "Access token has expired. Please call the refresh API"  # noqa: S105 - a message
    no_refresh_token: str = "Refresh token not found. Are you sending it as a cookie?"  # noqa: S105 - a message
