"""Whom sessions belong to: the users of a core, their roles, metadata and other ids."""

from dataclasses import dataclass
from typing import Literal

Order = Literal["ASC", "DESC"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThirdParty:
    """An account at an identity provider."""

    provider: str
    user_id: str
    """The id that the provider has for the user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginMethod:
    """One way in which a user signs in; each has a user id of its own."""

    recipe_id: str
    recipe_user_id: str
    tenant_ids: tuple[str, ...]
    joined_at_ms: int
    is_verified: bool | None = None
    """None where the interface version does not say (CDI below 4.0)."""
    email: str | None = None
    phone_number: str | None = None
    third_party: ThirdParty | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A user as a core lists it; below CDI 4.0 a user is its one login method."""

    user_id: str
    is_primary: bool
    """Whether other accounts may be linked to it."""
    tenant_ids: tuple[str, ...]
    emails: tuple[str, ...]
    phone_numbers: tuple[str, ...]
    third_parties: tuple[ThirdParty, ...]
    joined_at_ms: int
    login_methods: tuple[LoginMethod, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserSearch:
    """Which users to list. With a search by account a core gives everything on one page."""

    emails: tuple[str, ...] = ()
    """Beginnings of addresses; any of them will do."""
    phones: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    recipes: tuple[str, ...] = ()
    order: Order = "ASC"
    """By the time of joining."""

    @property
    def is_by_account(self) -> bool:
        """Whether an address, number or provider is looked for."""
        return bool(self.emails or self.phones or self.providers)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserPage:
    """Some users, and where the next ones are."""

    users: tuple[User, ...]
    next_token: str | None
    """None on the last page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserCount:
    """How many users there are."""

    count: int
    is_approximate: bool = False
    as_of_ms: int | None = None
    """The moment an approximation holds for; None for exact counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailTaken:
    """Somebody signed up with that address before."""

    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownRole:
    """The app has no role of that name."""

    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserIdMapping:
    """An id that a backend gave a user, in place of the core's own."""

    supertokens_user_id: str
    external_user_id: str
    info: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownMapping:
    """No mapping has that id."""

    user_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmappableUser:
    """A mapping needs a user, and the core has none of that id."""

    user_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingExists:
    """One of the two ids is in a mapping already."""

    has_supertokens_user_id: bool
    has_external_user_id: bool
