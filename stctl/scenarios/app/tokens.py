"""The tokens in an app's answer."""

from stctl.exchange import Response, first_value
from stctl.recipe.profiles.profile import Profile
from stctl.recipe.reading import SessionToken, read_session_token
from stctl.recipe.transfer import (
    ACCESS_COOKIE,
    ACCESS_HEADER,
    ANTI_CSRF_HEADER,
    REFRESH_COOKIE,
    REFRESH_HEADER,
    decode_cookie,
)
from stctl.sessions.answers import IssuedToken, NewTokens, SessionFacts


def new_tokens(response: Response | None, profile: Profile) -> NewTokens | None:
    """A whole pair of tokens that an answer hands out; None where it hands out none."""
    access = _access_token(response, profile)
    refresh = _given(response, REFRESH_COOKIE, REFRESH_HEADER)
    if response is None or access is None or refresh is None:
        return None
    facts = SessionFacts(
        handle=access.session_handle,
        user_id=access.user_id,
        recipe_user_id=access.recipe_user_id,
        tenant_id=access.tenant_id,
        user_data_in_jwt=access.payload,
    )
    return NewTokens(
        session=facts,
        access_token=_issued(access),
        # Nothing tells when a refresh token ends.
        refresh_token=IssuedToken(token=refresh, expires_at_ms=0, created_at_ms=0),
        anti_csrf_token=first_value(response.headers, ANTI_CSRF_HEADER),
        id_refresh_token=None,
    )


def new_access_token(response: Response | None, profile: Profile) -> IssuedToken | None:
    """An access token that an answer hands out, alone or with others."""
    access = _access_token(response, profile)
    return None if access is None else _issued(access)


def _access_token(response: Response | None, profile: Profile) -> SessionToken | None:
    text = _given(response, ACCESS_COOKIE, ACCESS_HEADER)
    return None if text is None else read_session_token(text, profile)


def _issued(token: SessionToken) -> IssuedToken:
    return IssuedToken(
        token=token.text, expires_at_ms=token.expires_at_ms, created_at_ms=token.created_at_ms
    )


def _given(response: Response | None, cookie: str, header: str) -> str | None:
    """The last value that is set, which is the one that a browser keeps."""
    found: str | None = None
    for name, value in () if response is None else response.headers:
        if name.lower() == header and value:
            found = value
        elif name.lower() == "set-cookie":
            named, _, raw = value.partition(";")[0].strip().partition("=")
            if named == cookie and decode_cookie(raw):
                found = decode_cookie(raw)
    return found
