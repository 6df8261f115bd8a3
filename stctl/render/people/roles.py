"""How roles look."""

from collections.abc import Mapping

from stctl.cdi.overviews import RoleOverview
from stctl.render.people.answers import joined, listed
from stctl.render.sessions.pieces import Asked
from stctl.render.view import Block, Facts, Line, Note, Presentation, line, name
from stctl.render.wording import count_of

_WORDS = {
    "added": ("good", "added"),
    "had_already": ("info", "the user had it already"),
    "removed": ("good", "removed"),
    "did_not_have": ("info", "the user did not have it"),
    "unknown_role": ("bad", "the app has no such role"),
}
_SHOWN = 20


def role_outcomes(
    schema: str, asked: Asked, user_id: str, outcomes: Mapping[str, str]
) -> Presentation:
    """Present what became of each role that a user was to get or lose."""
    return Presentation(
        schema=schema,
        view=lambda _: [_outcome(role, outcome) for role, outcome in outcomes.items()],
        document=lambda: {
            **asked.document(),
            "user_id": user_id,
            "roles": dict(outcomes),
        },
        rows=lambda: (
            {"user_id": user_id, "role": role, "outcome": outcome}
            for role, outcome in outcomes.items()
        ),
        ids=lambda: [role for role, word in outcomes.items() if word in {"added", "removed"}],
    )


def role(found: RoleOverview, asked: Asked) -> Presentation:
    """Present one role."""
    return Presentation(
        schema="stctl.roles.show/1",
        view=lambda _: [Facts(role_facts(found), indent=0)],
        document=lambda: {
            **asked.document(),
            "status": "OK",
            "role": found.role,
            "permissions": listed(found.permissions),
            "users": listed(found.users),
        },
        ids=lambda: [found.role],
    )


def role_facts(found: RoleOverview) -> list[tuple[str, Line]]:
    """Return what is known of a role, for screens."""
    some = joined(found.users[:_SHOWN])
    more = f" and {len(found.users) - _SHOWN:,} more" if len(found.users) > _SHOWN else ""
    return [
        ("role", line(name(found.role))),
        ("permissions", joined(found.permissions)),
        (count_of(len(found.users), "user"), line(some, more)),
    ]


def _outcome(one: str, outcome: str) -> Block:
    kind, words = _WORDS[outcome]
    if kind == "good":
        return Note("good", line(name(one), f": {words}"))
    return Note("bad" if kind == "bad" else "info", line(name(one), f": {words}"))
