"""What the vocabulary of an explanation means in plain words."""

from collections.abc import Mapping
from typing import Final

from stctl.recipe.frontend import Action
from stctl.recipe.handlers import HandlerKind

ACTIONS: Final[Mapping[Action, str]] = {
    Action.RETURN_RESPONSE: "gives the answer to the app",
    Action.CALL_REFRESH: "calls the refresh API, then sends the request again",
    Action.RETRY_ORIGINAL_REQUEST: "sends the original request again",
    Action.SEND_ORIGINAL_REQUEST: "knows that there is no session, and sends the request it held",
    Action.STOP_SESSION_GONE: "drops its session; the user has to log in again",
    Action.REFRESH_DONE: "has a fresh session",
    Action.THROW_REFRESH_ERROR_TO_CALLER: "fails the call; the session stays as it was",
    Action.WAIT_FOR_REFRESH_THEN_RETRY: "waits for the refresh of another call, then sends again",
    Action.RETURN_REFRESH_RESPONSE_AS_RESULT: (
        "gives the app the refresh's answer in place of its own request's"
    ),
    Action.THROW_ERROR_TO_CALLER: "fails the call",
    Action.SDK_CALL_RETURNS_FALSE: "answers false to the app's question for a session",
    Action.NETWORK_ERROR_TO_CALLER: "reports a network error to the app",
}
"""What the frontend SDK does, in plain words, after `the browser`."""

KINDS: Final[Mapping[HandlerKind, str]] = {
    "default": "the SDK's default handler",
    "custom": "the app's own handler",
    "framework": "the framework, no handler of the SDK",
    "none": "nobody",
}
