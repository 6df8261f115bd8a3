"""A session with what stands around it: its user, roles, and how long its tokens may live."""

from dataclasses import dataclass

from stctl.cdi.client import CdiClient
from stctl.cdi.revoking import token_validity
from stctl.errors import ErrorKind, StctlError
from stctl.sessions.info import SessionInfo
from stctl.sessions.people import User
from stctl.sessions.revocation import TokenValidity

_NOT_TOLD = frozenset({ErrorKind.CORE_NOT_FOUND, ErrorKind.CORE_REFUSED, ErrorKind.CORE_VERSION})
"""What a core answers to questions that it, or this version of its interface, does not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What stands around a session."""

    user: User | None
    """None where the core has no user of that id, or cannot tell."""
    is_user_known: bool | None
    """None where the core cannot tell."""
    roles: tuple[str, ...] | None
    """Of the user in the session's tenant; None where the core cannot tell."""
    token_validity: TokenValidity


def standing_of(client: CdiClient, info: SessionInfo) -> Standing:
    """Ask for what stands around a session; what a core does not know is left open."""
    user, is_told = _user(client, info.user_id)
    return Standing(
        user=user,
        is_user_known=user is not None if is_told else None,
        roles=_roles(client, info),
        token_validity=token_validity(client),
    )


def _user(client: CdiClient, user_id: str) -> tuple[User | None, bool]:
    try:
        return client.find_user(user_id), True
    except StctlError as error:
        if error.kind not in _NOT_TOLD:
            raise
        return None, False


def _roles(client: CdiClient, info: SessionInfo) -> tuple[str, ...] | None:
    try:
        return tuple(sorted(client.in_tenant(info.tenant_id).roles_of_user(info.user_id)))
    except StctlError as error:
        if error.kind not in _NOT_TOLD:
            raise
        return None
