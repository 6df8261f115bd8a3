"""The newest SDKs, each in the framework it was recorded with.

Source: SDKs, behaviour notes 1 to 5 and 10, and recordings of supertokens-node 24.0.3,
supertokens-python 0.31.4 and supertokens-golang 0.25.2.
"""

from types import MappingProxyType
from typing import Final

from stctl.recipe.profiles.profile import CookieStyle, Messages, Profile, SdkName

_UPPER_FIRST: Final = MappingProxyType({"lax": "Lax", "none": "None", "strict": "Strict"})
_LOWER: Final = MappingProxyType({"lax": "lax", "none": "none", "strict": "strict"})
_NO_REFRESH: Final = "Refresh token not found. Are you sending the refresh token in the request"
_DUPLICATES_CLEARED: Final = (
    "The request contains multiple session cookies. We are clearing the cookie from {option}. "
    "Session will be refreshed in the next refresh call."
)
_DUPLICATES_REFUSED: Final = (
    "The request contains multiple session cookies. This may happen if you've changed the "
    "{what} in your configuration. To clear tokens from the previous domain, set {option} in "
    "your config."
)
_EXPRESS_PAGE: Final = (
    '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Error</title>\n'
    "</head>\n<body>\n<pre>Internal Server Error</pre>\n</body>\n</html>\n"
)
_INCOMPATIBLE: Final = (
    "The running SuperTokens core version is not compatible with this {name} SDK. Please visit "
    "https://supertokens.io/docs/community/compatibility-table to find the right version"
)

NODE: Final = Profile(
    name="node",
    sdk="supertokens-node",
    version="24.0.3",
    framework="express",
    cdi="5.4",
    messages=Messages(
        expired="Failed to verify access token",
        wrong_signature="Failed to verify access token",
        unknown_key="Failed to verify access token",
        keys_unreachable="Failed to verify access token",
        wrong_key_kind="The access token doesn't match the useDynamicAccessTokenSigningKey setting",
        not_yet="Failed to verify access token",
        audience="Failed to verify access token",
        no_refresh_token=_NO_REFRESH + "?",
        theft="Token theft detected",
        invalid_claims="INVALID_CLAIMS",
        duplicates_cleared=_DUPLICATES_CLEARED.format(option="olderCookieDomain"),
        duplicates_refused=_DUPLICATES_REFUSED.format(
            what="'cookieDomain' value", option="'olderCookieDomain'"
        ),
        no_core="No SuperTokens core available to query",
        core_status=(
            "SuperTokens core threw an error for a {method} request to path: '{path}' with "
            "status code: {status} and message: {body}"
        ),
        incompatible=_INCOMPATIBLE.format(name="NodeJS"),
        unusable_verify="",
        unusable_refresh="Cannot read properties of undefined (reading 'handle')",
        timeout="fetch failed",
    ),
    cookies=CookieStyle(
        tail=("Domain", "Path", "Expires", "HttpOnly", "Secure", "SameSite"),
        same_site=_UPPER_FIRST,
    ),
    general_body=_EXPRESS_PAGE,
    general_type="text/html; charset=utf-8",
    looks_for_user=True,
    wants_tenant_claim=False,
    wants_recipe_user_claim=True,
    refuses_other_token_types=True,
    empty_bearer_counts=True,
    unusable_verify="try_refresh",
    unusable_refresh="general",
    failing_handler_runs=2,
    keeps_changes_on_error=True,
)

PYTHON: Final = Profile(
    name="python",
    sdk="supertokens-python",
    version="0.31.4",
    framework="fastapi",
    cdi="5.4",
    messages=Messages(
        expired="Signature has expired",
        wrong_signature="Signature verification failed",
        unknown_key="Key not found",
        keys_unreachable="No SuperTokens core available to query",
        wrong_key_kind=(
            "The access token doesn't match the use_dynamic_access_token_signing_key setting"
        ),
        not_yet="The token is not yet valid (iat)",
        audience="Invalid audience",
        no_refresh_token=_NO_REFRESH + "?",
        theft="token theft detected",
        invalid_claims="INVALID_CLAIMS",
        duplicates_cleared=_DUPLICATES_CLEARED.format(option="older_cookie_domain"),
        duplicates_refused=_DUPLICATES_REFUSED.format(
            what="'cookie_domain' setting", option="'older_cookie_domain'"
        ),
        no_core="No SuperTokens core available to query",
        core_status=(
            "SuperTokens core threw an error for a {method} request to path: '{path}' with "
            "status code: {status} and message: {body}"
        ),
        incompatible=_INCOMPATIBLE.format(name="python"),
        unusable_verify="'status'",
        unusable_refresh="'status'",
        timeout="ReadTimeout",
    ),
    cookies=CookieStyle(
        tail=("Domain", "expires", "HttpOnly", "Path", "SameSite", "Secure"),
        same_site=_LOWER,
        cleared_value='""',
        replaces=False,
        keeps_slash=True,
        quotes=True,
    ),
    expose_separator=",",
    front_token_order=("ate", "uid", "up"),
    general_body="Internal Server Error",
    general_type="text/plain; charset=utf-8",
    looks_for_user=True,
    wants_tenant_claim=True,
    wants_recipe_user_claim=True,
    refuses_other_token_types=True,
    refuses_future_tokens=True,
    refuses_audience=True,
    unusable_verify="general",
    unusable_refresh="general",
    clears_other_place_last=True,
    keeps_changes_on_error=False,
)

GO: Final = Profile(
    name="go",
    sdk="supertokens-golang",
    version="0.25.2",
    framework="net/http",
    cdi="3.1",
    messages=Messages(
        expired="token has invalid claims: token is expired",
        wrong_signature="token signature is invalid: crypto/rsa: verification error",
        unknown_key="Key not found",
        keys_unreachable="no SuperTokens core available to query",
        wrong_key_kind="The access token doesn't match the useDynamicAccessTokenSigningKey setting",
        not_yet="token has invalid claims: token used before issued",
        audience="",
        no_refresh_token=_NO_REFRESH + " as a cookie?",
        theft="Token theft detected",
        invalid_claims="invalid claims",
        duplicates_cleared=_DUPLICATES_CLEARED.format(option="OlderCookieDomain"),
        duplicates_refused=_DUPLICATES_REFUSED.format(
            what="'CookieDomain' value", option="'OlderCookieDomain'"
        ),
        no_core="no SuperTokens core available to query",
        core_status=(
            "SuperTokens core threw an error for a request to path: '{path}' with status code: "
            "{status} and message: {body}"
        ),
        incompatible=_INCOMPATIBLE.format(name="Golang"),
        unusable_verify="interface conversion: interface {} is nil",
        unusable_refresh="interface conversion: interface {} is nil",
        timeout="context deadline exceeded",
    ),
    cookies=CookieStyle(
        tail=("Path", "Domain", "Expires", "HttpOnly", "Secure", "SameSite"),
        same_site=_UPPER_FIRST,
        strips_domain_dot=True,
    ),
    header_case=MappingProxyType(
        {
            "front-token": "Front-Token",
            "st-access-token": "St-Access-Token",
            "st-refresh-token": "St-Refresh-Token",
            "anti-csrf": "Anti-Csrf",
        }
    ),
    refresh_body="null",
    bare_duplicate_message=True,
    general_body=None,
    exceptions_close_connection=True,
    general_type="text/plain; charset=utf-8",
    looks_for_user=False,
    wants_tenant_claim=True,
    wants_recipe_user_claim=False,
    refuses_other_token_types=False,
    plus_is_space=True,
    sorts_json=True,
    unreachable_keys_are_general=True,
    unusable_verify="panic",
    unusable_refresh="panic",
    keeps_changes_on_error=True,
)

_ALL: Final = MappingProxyType({"node": NODE, "python": PYTHON, "go": GO})


def profile_of(name: SdkName) -> Profile:
    """Return the newest profile of an SDK."""
    return _ALL[name]
