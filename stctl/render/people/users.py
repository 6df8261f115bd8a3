"""How users look: lists, counts, one of them, and those just made."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from stctl.cdi.overviews import UserOverview
from stctl.jsontypes import JsonObject, JsonValue
from stctl.render.people.answers import joined, listed
from stctl.render.sessions.pieces import Asked, compact, shown_token
from stctl.render.sessions.times import moment, moment_in_words
from stctl.render.view import (
    Block,
    Facts,
    Gap,
    Heading,
    Line,
    Note,
    Presentation,
    Table,
    bad,
    dim,
    line,
    name,
    strong,
)
from stctl.render.wording import count_of
from stctl.sessions.people import EmailTaken, LoginMethod, ThirdParty, User, UserCount

_AT_ONCE = 200
"""Rows whose columns are laid out together."""


def users(
    found: Callable[[], Iterable[User]], next_token: str | None, asked: Asked
) -> Presentation:
    """Present users as they come; `next_token` leads to the following page."""
    return Presentation(
        schema="stctl.users.list/1",
        view=lambda _: _list_view(iter(found()), next_token),
        document=lambda: {
            **asked.document(),
            "users": [user_document(user) for user in found()],
            "next_page_token": next_token,
        },
        rows=lambda: map(user_document, found()),
        ids=lambda: (user.user_id for user in found()),
    )


def user_document(user: User) -> dict[str, JsonValue]:
    """Return a user with its login methods."""
    return {
        "id": user.user_id,
        "is_primary": user.is_primary,
        "tenant_ids": listed(user.tenant_ids),
        "emails": listed(user.emails),
        "phone_numbers": listed(user.phone_numbers),
        "third_parties": [_third_party_document(one) for one in user.third_parties],
        "joined_at_ms": user.joined_at_ms,
        "login_methods": [_method_document(method) for method in user.login_methods],
    }


def overview(found: UserOverview, asked: Asked) -> Presentation:
    """Present one user with all that hangs on its id, or that there is none of that id."""
    return Presentation(
        schema="stctl.users.show/1",
        view=lambda _: _overview_view(found, asked),
        document=lambda: _overview_document(found, asked),
        ids=lambda: [found.user_id] if found.user else [],
    )


def counted(count: UserCount, asked: Asked, of: JsonObject) -> Presentation:
    """Present how many users there are."""
    return Presentation(
        schema="stctl.users.count/1",
        view=lambda _: [Note("info", line(strong(count_of(count.count, "user")), _about(count)))],
        document=lambda: {
            **asked.document(),
            **of,
            "count": count.count,
            "approximate": count.is_approximate,
            "as_of_ms": count.as_of_ms,
        },
        ids=lambda: [str(count.count)],
    )


def active(count: int, since_ms: int, asked: Asked) -> Presentation:
    """Present how many users were active since a moment."""
    words = line(strong(count_of(count, "user")), " active since ", moment(since_ms))
    return Presentation(
        schema="stctl.users.active/1",
        view=lambda _: [Note("info", words)],
        document=lambda: {**asked.document(), "count": count, "since_ms": since_ms},
        ids=lambda: [str(count)],
    )


def made(
    results: Sequence[User | EmailTaken], password: str, asked: Asked, *, reveal: bool
) -> Presentation:
    """Present users that were signed up, and addresses that were taken."""
    new = [one for one in results if isinstance(one, User)]
    return Presentation(
        schema="stctl.users.create/1",
        view=lambda _: _made_view(results, password, reveal=reveal),
        document=lambda: {
            **asked.document(),
            "users": [user_document(user) for user in new],
            "taken": [one.email for one in results if isinstance(one, EmailTaken)],
            "password": password,
        },
        rows=lambda: map(user_document, new),
        ids=lambda: [user.user_id for user in new],
    )


def _list_view(found: Iterator[User], next_token: str | None) -> Iterator[Block]:
    empty = True
    while some := list(islice(found, _AT_ONCE)):
        empty = False
        yield Table(["USER", "ACCOUNT", "TENANTS", "JOINED (UTC)"], [_row(user) for user in some])
    if empty:
        yield Note("info", line("No user"))
    if next_token is not None:
        yield Gap()
        yield Note("info", line("There are more; next: ", name(f"--page-token {next_token}")))


def _row(user: User) -> list[Line]:
    primary = dim(" primary") if user.is_primary else ""
    joined_at = moment(user.joined_at_ms).removesuffix(" UTC")
    return [
        line(name(user.user_id), primary),
        line(", ".join(_accounts(user))),
        line(", ".join(user.tenant_ids)),
        line(joined_at),
    ]


def _accounts(user: User) -> list[str]:
    parties = [f"{one.provider}:{one.user_id}" for one in user.third_parties]
    return [*user.emails, *user.phone_numbers, *parties]


def _overview_view(found: UserOverview, asked: Asked) -> Iterator[Block]:
    user = found.user
    if user is None:
        yield Note(
            "bad",
            line(bad("UNKNOWN_USER_ID_ERROR"), ": the core has no user ", name(found.user_id)),
        )
    else:
        yield Heading(line(strong("User "), name(user.user_id)))
    own = _user_rows(user, asked) if user is not None else []
    yield Facts([*own, *_hanging_rows(found)])
    for method in user.login_methods if user else ():
        yield Gap()
        yield Heading(line(f"Login method {method.recipe_id}"))
        yield Facts(list(_method_rows(method, asked)))


def _user_rows(user: User, asked: Asked) -> list[tuple[str, Line]]:
    return [
        ("accounts", joined(_accounts(user))),
        ("tenants", joined(user.tenant_ids)),
        ("joined", moment_in_words(user.joined_at_ms, asked.now_ms)),
        ("primary", line("yes" if user.is_primary else "no")),
    ]


def _hanging_rows(found: UserOverview) -> Iterator[tuple[str, Line]]:
    yield "roles", joined(found.roles)
    yield "live sessions", line(f"{found.sessions:,}")
    if found.metadata:
        yield "metadata", line(compact(found.metadata))
    if found.mapping is not None:
        yield "core's own id", line(found.mapping.supertokens_user_id)
        yield "external id", line(found.mapping.external_user_id)


def _method_rows(method: LoginMethod, asked: Asked) -> Iterator[tuple[str, Line]]:
    yield "recipe user", line(method.recipe_user_id)
    if method.email is not None:
        verified = {True: " (verified)", False: " (not verified)", None: ""}[method.is_verified]
        yield "email", line(method.email, dim(verified))
    if method.phone_number is not None:
        yield "phone", line(method.phone_number)
    if method.third_party is not None:
        yield "provider", line(f"{method.third_party.provider}, {method.third_party.user_id}")
    yield "joined", moment_in_words(method.joined_at_ms, asked.now_ms)


def _overview_document(found: UserOverview, asked: Asked) -> JsonObject:
    mapping = found.mapping
    return {
        **asked.document(),
        "status": "OK" if found.user else "UNKNOWN_USER_ID_ERROR",
        "user_id": found.user_id,
        "user": user_document(found.user) if found.user else None,
        "roles": listed(found.roles),
        "metadata": dict(found.metadata),
        "external_user_id": mapping.external_user_id if mapping else None,
        "supertokens_user_id": mapping.supertokens_user_id if mapping else None,
        "live_sessions": found.sessions,
    }


def _about(count: UserCount) -> Line:
    if not count.is_approximate or count.as_of_ms is None:
        return ()
    return line(dim(f", about, as of {moment(count.as_of_ms)}"))


def _made_view(
    results: Sequence[User | EmailTaken], password: str, *, reveal: bool
) -> Iterator[Block]:
    for one in results:
        if isinstance(one, EmailTaken):
            yield Note("bad", line(bad("EMAIL_ALREADY_EXISTS_ERROR"), f": {one.email}"))
        else:
            yield Note(
                "good", line("Created user ", name(one.user_id), f", {', '.join(one.emails)}")
            )
    if any(isinstance(one, User) for one in results):
        yield Facts([("password", line(shown_token(password, reveal=reveal)))])


def _third_party_document(one: ThirdParty) -> JsonValue:
    return {"provider": one.provider, "user_id": one.user_id}


def _method_document(method: LoginMethod) -> JsonValue:
    party = method.third_party
    return {
        "recipe_id": method.recipe_id,
        "recipe_user_id": method.recipe_user_id,
        "tenant_ids": listed(method.tenant_ids),
        "joined_at_ms": method.joined_at_ms,
        "verified": method.is_verified,
        "email": method.email,
        "phone_number": method.phone_number,
        "third_party": None if party is None else _third_party_document(party),
    }
