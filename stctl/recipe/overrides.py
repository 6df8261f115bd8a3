"""A person's own handlers, loaded from a Python file and really called.

The file defines plain functions (`async def` will do as well). Each is given the arguments that it
names, out of those that `ARGUMENTS` lists for it. What it leaves on `response` is the answer.
"""

import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, ModuleType
from typing import Final

from stctl.errors import ErrorKind, StctlError
from stctl.exchange import Request, Response
from stctl.recipe.failures import Failure, HandlerName, InvalidClaims, TokenTheftDetected
from stctl.recipe.handler_views import RequestView, ResponseBuilder
from stctl.recipe.situation import HandlerAnswered, HandlerEnd, HandlerFailed

FUNCTIONS: Final[Mapping[str, HandlerName]] = {
    "on_unauthorised": HandlerName.ON_UNAUTHORISED,
    "on_try_refresh_token": HandlerName.ON_TRY_REFRESH_TOKEN,
    "on_token_theft_detected": HandlerName.ON_TOKEN_THEFT_DETECTED,
    "on_invalid_claim": HandlerName.ON_INVALID_CLAIM,
    "on_clear_duplicate_session_cookies": HandlerName.ON_CLEAR_DUPLICATE_SESSION_COOKIES,
    "on_general_error": HandlerName.APP_ERROR_HANDLER,
}
"""Functions that a handlers file may define, with the handler that each one overrides."""

_COMMON: Final = ("message", "request", "response")
_OF_THEFT: Final = ("session_handle", "user_id", "recipe_user_id", *_COMMON)
ARGUMENTS: Final[Mapping[HandlerName, tuple[str, ...]]] = {
    HandlerName.ON_UNAUTHORISED: _COMMON,
    HandlerName.ON_TRY_REFRESH_TOKEN: _COMMON,
    HandlerName.ON_TOKEN_THEFT_DETECTED: _OF_THEFT,
    HandlerName.ON_INVALID_CLAIM: ("errors", *_COMMON),
    HandlerName.ON_CLEAR_DUPLICATE_SESSION_COOKIES: _COMMON,
    HandlerName.APP_ERROR_HANDLER: _COMMON,
}
"""The arguments that a function can name."""

_CANNOT_BE_NAMED: Final = frozenset(
    {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}
)


@dataclass(frozen=True, slots=True)
class Overrides:
    """The handlers of one person; empty when there are none."""

    source: str = ""
    """File that they came from, for people."""
    functions: Mapping[HandlerName, Callable[..., object]] = field(default_factory=dict)

    def has(self, handler: HandlerName) -> bool:
        """Whether the handler is overridden."""
        return handler in self.functions

    def call(
        self,
        handler: HandlerName,
        failure: Failure,
        request: Request,
        draft: Response,
        revoke_session: Callable[[str], bool],
    ) -> HandlerEnd:
        """Call the function for `handler`; whatever it raises makes it a failed one."""
        response = ResponseBuilder(draft, revoke_session)
        known: dict[str, object] = {
            **_details(failure),
            "message": failure.message,
            "request": RequestView(request),
            "response": response,
        }
        function = self.functions[handler]
        try:
            returned = _run(function, {name: known[name] for name in _named(function)})
            if returned is not None and returned is not response:
                raise TypeError("a handler returns the response that it was given, or nothing")  # noqa: TRY301 - it fails like any other handler
            finished = response.finish()
        except (Exception, SystemExit) as problem:  # noqa: BLE001 - a person's code may raise anything
            text = str(problem) or type(problem).__name__
            return HandlerFailed(message=text, place=_place(problem, function))
        return HandlerAnswered(response=finished, revoked_session=response.revoked)


def _details(failure: Failure) -> dict[str, object]:
    match failure:
        case TokenTheftDetected():
            return {
                "session_handle": failure.session_handle,
                "user_id": failure.user_id,
                "recipe_user_id": failure.recipe_user_id,
            }
        case InvalidClaims(errors=errors):
            return {"errors": [{"id": error.id, "reason": error.reason} for error in errors]}
        case _:
            return {}


def _run(function: Callable[..., object], arguments: Mapping[str, object]) -> object:
    import contextlib

    # What a handler prints is talk; standard output belongs to the result.
    with contextlib.redirect_stdout(sys.stderr):
        returned = function(**arguments)
        if not inspect.iscoroutine(returned):
            return returned
        import asyncio

        return asyncio.run(returned)


def _named(function: Callable[..., object]) -> list[str]:
    return [*inspect.signature(function).parameters]


def _code(function: Callable[..., object]) -> CodeType | None:
    code = getattr(function, "__code__", None)
    return code if isinstance(code, CodeType) else None


def _place(problem: BaseException, function: Callable[..., object]) -> str | None:
    code = _code(function)
    if code is None:
        return None
    line = _line_in(problem, code.co_filename)
    return f"{code.co_filename}, line {line or code.co_firstlineno}"


def _line_in(problem: BaseException, file: str) -> int | None:
    """Line of the innermost frame of a file through which an exception came."""
    import traceback

    frames = traceback.extract_tb(problem.__traceback__)
    return next((frame.lineno for frame in reversed(frames) if frame.filename == file), None)


def load_overrides(path: Path) -> Overrides:
    """Run a Python file and return the handlers that it defines.

    Raises INPUT_UNREADABLE, with the line, for a file that does not run, defines no handler,
    misspells one, or asks for an argument that there is not.
    """
    module = _run_file(path)
    functions: dict[HandlerName, Callable[..., object]] = {}
    for name, value in vars(module).items():
        if not name.startswith("on_") or not callable(value):
            continue
        if name not in FUNCTIONS:
            raise _unknown_name(path, name, value)
        _check_arguments(path, name, value)
        functions[FUNCTIONS[name]] = value
    if not functions:
        raise StctlError(
            ErrorKind.INPUT_UNREADABLE,
            f"{path} defines no handler",
            hint=f"A handlers file defines one or more of {', '.join(FUNCTIONS)}.",
        )
    return Overrides(str(path), functions)


def _run_file(path: Path) -> ModuleType:
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        reason = getattr(problem, "strerror", None) or "it is not UTF-8 text"
        raise StctlError(ErrorKind.INPUT_UNREADABLE, f"{path}: {reason}") from problem
    module = ModuleType(f"stctl_handlers_{path.stem}")
    module.__file__ = str(path)
    # Dataclasses look their module up, and the file may import its neighbours.
    sys.modules[module.__name__] = module
    sys.path.insert(0, str(path.parent))
    try:
        exec(compile(source, str(path), "exec"), module.__dict__)  # noqa: S102 - the person asked for it by --handlers
    except SyntaxError as problem:
        raise _broken(path, problem.lineno, problem.msg) from problem
    except (Exception, SystemExit) as problem:
        text = f"{type(problem).__name__}: {problem}"
        raise _broken(path, _line_in(problem, str(path)), text) from problem
    finally:
        sys.path.remove(str(path.parent))
    return module


def _broken(path: Path, line: int | None, text: str) -> StctlError:
    place = f"{path}, line {line}" if line is not None else str(path)
    return StctlError(ErrorKind.INPUT_UNREADABLE, f"{place}: {text}")


def _unknown_name(path: Path, name: str, value: Callable[..., object]) -> StctlError:
    import difflib

    code = _code(value)
    near = difflib.get_close_matches(name, FUNCTIONS, n=1, cutoff=0.4)
    error = _broken(path, code.co_firstlineno if code else None, f"{name} is not a handler")
    meant = f"Did you mean {near[0]}? " if near else ""
    error.hint = f"{meant}Handlers are {', '.join(FUNCTIONS)}."
    return error


def _check_arguments(path: Path, name: str, function: Callable[..., object]) -> None:
    given = ARGUMENTS[FUNCTIONS[name]]
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name in given and parameter.kind not in _CANNOT_BE_NAMED:
            continue
        code = _code(function)
        error = _broken(
            path,
            code.co_firstlineno if code else None,
            f"{name} asks for {parameter.name}, which it cannot be given",
        )
        error.hint = f"{name} can name {', '.join(given)}."
        raise error
