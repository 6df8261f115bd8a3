"""Answers of the embedded core that are not its endpoints' own: a status with a line of text.

An outcome of a session (UNAUTHORISED, TRY_REFRESH_TOKEN, …) is never one of these: it is JSON with
status 200. Source: core, behaviour notes 1.7.
"""


class Refusal(Exception):  # noqa: N818 - an answer to a caller, not an error of the core
    """A request that is answered with `status` and a short `text` instead of a result."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class BadRequest(Refusal):
    """400: malformed JSON, a field that is missing or ill-typed, a value out of range."""

    def __init__(self, text: str) -> None:
        super().__init__(400, text)


class WrongApiKey(Refusal):
    """401: an API key is configured and the request carries none of the right ones."""

    def __init__(self) -> None:
        super().__init__(401, "Invalid API key")


class FeatureMissing(Refusal):
    """402: a paid feature that the core was told not to have."""

    def __init__(self, feature: str) -> None:
        super().__init__(402, f"The feature {feature} is not enabled on this core")


class Forbidden(Refusal):
    """403 in the core's own text form: this tenant may not call this endpoint."""

    def __init__(self, text: str) -> None:
        super().__init__(403, text)


class NotFound(Refusal):
    """404: an unknown path, or an endpoint that the requested CDI version no longer has."""

    def __init__(self) -> None:
        super().__init__(404, "Not found")


class MethodNotAllowed(Refusal):
    """405 in the core's own text form: the path is known, the method is not."""

    def __init__(self) -> None:
        super().__init__(405, "Method not supported")


class ServerFailure(Refusal):
    """500: what a core does not foresee, such as a number that a token cannot hold."""

    def __init__(self, text: str) -> None:
        super().__init__(500, text)


def unknown_tenant(app_id: str, tenant_id: str) -> BadRequest:
    """400 for an app or tenant that does not exist; names both."""
    return BadRequest(f"There is no tenant '{tenant_id}' in app '{app_id}' of this core")


def public_tenant_only() -> Forbidden:
    """403 for an endpoint of the whole app that was called through another tenant's path."""
    return Forbidden("This API belongs to the whole app: call it without a tenant in the path")
