"""How the two ids of a user look."""

from stctl.jsontypes import JsonValue
from stctl.render.people.answers import no
from stctl.render.sessions.pieces import Asked
from stctl.render.view import Facts, Line, Presentation, line, name
from stctl.sessions.people import MappingExists, UnmappableUser, UserIdMapping


def mapping(schema: str, found: UserIdMapping, asked: Asked) -> Presentation:
    """Present a mapping that is there."""
    return Presentation(
        schema=schema,
        view=lambda _: [Facts(mapping_facts(found), indent=0)],
        document=lambda: {**asked.document(), "status": "OK", **_document(found)},
        ids=lambda: [found.external_user_id],
    )


def not_mapped(
    schema: str, wanted: UserIdMapping, answer: MappingExists | UnmappableUser, asked: Asked
) -> Presentation:
    """Present why a mapping was not made."""
    if isinstance(answer, UnmappableUser):
        status, words = "UNKNOWN_SUPERTOKENS_USER_ID_ERROR", f"no user {answer.user_id}"
    else:
        taken = {
            "the core's own id": answer.has_supertokens_user_id,
            "the other id": answer.has_external_user_id,
        }
        status = "USER_ID_MAPPING_ALREADY_EXISTS_ERROR"
        words = f"in a mapping already: {' and '.join(k for k, is_so in taken.items() if is_so)}"
    return no(schema, asked, status, words, _document(wanted))


def mapping_facts(found: UserIdMapping) -> list[tuple[str, Line]]:
    """Return a mapping, for screens."""
    return [
        ("core's own id", line(name(found.supertokens_user_id))),
        ("external id", line(name(found.external_user_id))),
        *([("info", line(found.info))] if found.info is not None else []),
    ]


def _document(found: UserIdMapping) -> dict[str, JsonValue]:
    return {
        "supertokens_user_id": found.supertokens_user_id,
        "external_user_id": found.external_user_id,
        "external_user_id_info": found.info,
    }
