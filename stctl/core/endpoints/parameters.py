"""Parameters that several families of endpoints read alike."""

import re
from typing import Final

from stctl.core.call import Call
from stctl.core.fields import Fields
from stctl.core.refusals import BadRequest

_INTEGER: Final = re.compile(r"[+-]?[0-9]+")
_LONG_MAX: Final = 2**63 - 1
_RECIPES: Final = frozenset(
    {
        "emailpassword",
        "thirdparty",
        "passwordless",
        "webauthn",
        "session",
        "emailverification",
        "jwt",
        "usermetadata",
        "userroles",
        "useridmapping",
        "dashboard",
        "totp",
        "multitenancy",
        "accountlinking",
        "mfa",
        "oauth",
        "saml",
        "bulkimport",
    }
)


def name(fields: Fields, field: str) -> str:
    """Return a text of the body without the spaces around it; 400 when nothing is left."""
    return _not_empty(field, fields.string(field))


def query_name(call: Call, parameter: str) -> str:
    """Return a query parameter without the spaces around it; 400 when nothing is left."""
    return _not_empty(parameter, call.query(parameter))


def _not_empty(field: str, text: str) -> str:
    stripped = text.strip()
    if not stripped:
        raise BadRequest(f"'{field}' cannot be empty")
    return stripped


def names(fields: Fields, field: str) -> list[str] | None:
    """Return the texts of an array, stripped; None where it is absent, 400 for an empty text."""
    given = fields.optional_strings(field)
    return None if given is None else [_not_empty(field, one) for one in given]


def integer(call: Call, parameter: str) -> int | None:
    """Return a query parameter that is an integer of 64 bits; None where it is absent."""
    text = call.optional_query(parameter)
    if text is None:
        return None
    if not _INTEGER.fullmatch(text) or abs(int(text)) > _LONG_MAX:
        raise BadRequest(f"The query parameter '{parameter}' must be an integer")
    return int(text)


def recipes(call: Call) -> tuple[str, ...]:
    """Return the recipes of `includeRecipeIds`; none means all. 400 for an unknown one."""
    given = call.optional_query("includeRecipeIds") or ""
    named = tuple(text.strip() for text in given.split(",") if text.strip())
    for recipe in named:
        if recipe not in _RECIPES:
            raise BadRequest(f"There is no recipe '{recipe}'")
    return named
