"""Where a served core writes what happens to it.

Source: core, behaviour notes section 5 (`log_level`, `info_log_path`, `error_log_path`).
"""

import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from stctl.core.settings import CoreSettings
from stctl.errors import ErrorKind, StctlError
from stctl.exchange import Request, Response
from stctl.redact import mask_text

LOG: Final = logging.getLogger("stctl.core")
_SILENCE: Final = logging.CRITICAL + 1
_LEVELS: Final = {
    "DEBUG": logging.DEBUG,
    "INFO": logging.INFO,
    "WARN": logging.WARNING,
    "ERROR": logging.ERROR,
    "NONE": _SILENCE,
}


def open_logs(settings: CoreSettings) -> None:
    """Send the messages of this process to the files or streams of the settings.

    DEBUG and INFO go one way, WARN and ERROR another. Raises StctlError (setting-invalid) for a
    file that cannot be written.
    """
    LOG.propagate = False
    LOG.setLevel(_LEVELS[settings.log_level])
    LOG.handlers.clear()
    info = _handler("info_log_path", settings.info_log_path)
    info.addFilter(lambda record: record.levelno < logging.WARNING)
    error = _handler("error_log_path", settings.error_log_path)
    error.setLevel(logging.WARNING)
    for handler in (info, error):
        formatter = logging.Formatter(
            "{asctime}.{msecs:03.0f}Z {levelname:7} {message}", "%Y-%m-%dT%H:%M:%S", style="{"
        )
        formatter.converter = time.gmtime
        handler.setFormatter(formatter)
        LOG.addHandler(handler)


def _handler(name: str, path: str | None) -> logging.Handler:
    if path is None:
        return logging.StreamHandler(sys.stdout if name == "info_log_path" else sys.stderr)
    try:
        Path(path).expanduser().parent.mkdir(parents=True, exist_ok=True)
        return logging.FileHandler(Path(path).expanduser(), encoding="utf-8")
    except OSError as problem:
        raise StctlError(
            ErrorKind.SETTING_INVALID,
            f"{name} is {path!r}, but cannot be written: {problem.strerror}.",
        ) from None


def logging_each(answer: Callable[[Request], Response]) -> Callable[[Request], Response]:
    """Return `answer`, with a line for every request where the level is DEBUG."""
    if not LOG.isEnabledFor(logging.DEBUG):
        return answer

    def logged(request: Request) -> Response:
        began = time.perf_counter()
        response = answer(request)
        took_ms = (time.perf_counter() - began) * 1000
        query = "&".join(f"{name}={mask_text(value)}" for name, value in request.query)
        place = f"{request.path}?{query}" if query else request.path
        LOG.debug("%s %r -> %d, %.1f ms", request.method, place, response.status, took_ms)
        return response

    return logged
