"""How the metadata of a user looks."""

from stctl.jsontypes import JsonObject
from stctl.render.sessions.pieces import Asked, pretty
from stctl.render.view import Drawing, Presentation, line


def metadata(user_id: str, found: JsonObject, asked: Asked) -> Presentation:
    """Present metadata; as a table it is the bare JSON, fit for other programs."""
    return Presentation(
        schema="stctl.users.metadata/1",
        view=lambda _: [Drawing([line(text) for text in pretty(found)])],
        document=lambda: {**asked.document(), "user_id": user_id, "metadata": dict(found)},
        ids=lambda: [user_id],
    )
