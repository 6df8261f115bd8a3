"""Who a user id belongs to: login methods, the user they make up, and ids from outside."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class UserIds:
    """The two ids that a session has; external ids where a mapping exists."""

    primary: str
    recipe: str
    """The login method's id; this one is stored with the session."""


class Identities(Protocol):
    """Answers about the users of an app. Source: core, behaviour notes 2.0."""

    def at_login(self, app_id: str, user_id: str) -> UserIds:
        """Return both ids for the id that a session is created with; an unknown id is both."""
        ...

    def of_recipe_user(self, app_id: str, recipe_user_id: str) -> UserIds:
        """Return both ids for the id that is stored with a session."""
        ...

    def linked(self, app_id: str, user_id: str) -> list[str]:
        """Return the ids of all login methods of the user that `user_id` is one of, itself too."""
        ...

    def forget(self, app_id: str) -> None:
        """Take nothing for granted; to be called after links or mappings of an app changed."""
        ...
