"""What several calls together say of one user or one role."""

from dataclasses import dataclass

from stctl.cdi.client import CdiClient
from stctl.jsontypes import JsonObject
from stctl.sessions.people import UnknownRole, User, UserIdMapping


@dataclass(frozen=True, slots=True, kw_only=True)
class UserOverview:
    """A user and what hangs on its id; sessions, roles and metadata need no user."""

    user_id: str
    user: User | None
    roles: tuple[str, ...]
    """In the tenant that was asked about."""
    metadata: JsonObject
    mapping: UserIdMapping | None
    sessions: int
    """Live ones in all tenants, those of linked accounts included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleOverview:
    """A role, what it permits, and who has it in the tenant that was asked about."""

    role: str
    permissions: tuple[str, ...]
    users: tuple[str, ...]


def overview_of_user(client: CdiClient, user_id: str) -> UserOverview:
    """Ask all that a core has about a user id."""
    mapping = client.user_id_mapping(user_id)
    return UserOverview(
        user_id=user_id,
        user=client.find_user(user_id),
        roles=tuple(sorted(client.roles_of_user(user_id))),
        metadata=client.user_metadata(user_id),
        mapping=mapping if isinstance(mapping, UserIdMapping) else None,
        sessions=len(client.handles_of_user(user_id)),
    )


def overview_of_role(client: CdiClient, role: str) -> RoleOverview | UnknownRole:
    """Ask for a role's permissions and users."""
    permissions = client.permissions_of_role(role)
    users = client.users_of_role(role)
    if isinstance(permissions, UnknownRole):
        return permissions
    return RoleOverview(
        role=role,
        permissions=tuple(sorted(permissions)),
        users=() if isinstance(users, UnknownRole) else tuple(sorted(users)),
    )
