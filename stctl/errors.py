"""The error table of stctl, and the one exception that carries a row of it.

A failure of a session (UNAUTHORISED, TOKEN_THEFT_DETECTED, …) is never here: that is an answer.
An error is what keeps stctl itself from doing its work. Help texts, the reference in `docs`,
JSON errors and exit statuses are all made from this table.
"""

from enum import Enum
from typing import NamedTuple


class ErrorRow(NamedTuple):
    """One kind of error: its stable code, exit status, meaning, and what to do about it."""

    code: str
    exit_status: int
    meaning: str
    hint: str


class ErrorKind(Enum):
    """Every kind of error that stctl can end with."""

    BUG = ErrorRow(
        "bug",
        1,
        "Something unforeseen happened inside stctl.",
        "Please report it with the command you ran; set STCTL_TRACEBACK=1 to see where.",
    )
    USAGE = ErrorRow(
        "usage", 2, "The command line is not one that stctl takes.", "See the command's --help."
    )
    ANSWER_IS_NO = ErrorRow(
        "answer-is-no",
        3,
        "The question was answered, and the answer is no: a signature that does not hold, a "
        "session that is not there, a scenario that did not end as it promises.",
        "The answer itself is on standard output.",
    )
    INPUT_UNREADABLE = ErrorRow(
        "input-unreadable",
        4,
        "A token, file or scenario that was given cannot be read.",
        "Check that it is what was meant, whole, and may be read.",
    )
    NOT_CONFIRMED = ErrorRow(
        "not-confirmed",
        5,
        "Nothing was changed: the question was answered no, or there was nobody to ask.",
        "Look at the plan with --dry-run, then give --yes.",
    )
    PARTLY_DONE = ErrorRow(
        "partly-done",
        6,
        "Some of the work was done and some was not.",
        "What is left is listed; running the command again is safe.",
    )
    SETTING_INVALID = ErrorRow(
        "setting-invalid",
        7,
        "A setting has a value that is not allowed.",
        "See the settings in the reference for names, units and bounds.",
    )
    STORE_FAILED = ErrorRow(
        "store-failed",
        8,
        "The file of the embedded core cannot be opened, read or written.",
        "Check the file, its folder and their permissions, or name another file with --db.",
    )
    CANNOT_LISTEN = ErrorRow(
        "cannot-listen",
        9,
        "An embedded core, or a recorder, cannot listen on the address that was asked for.",
        "Take another port; port 0 is a free one.",
    )
    CORE_DOWN = ErrorRow(
        "core-down",
        10,
        "No core answers at the address: the connection is refused, or the host is unknown.",
        "Check the address, or start an embedded core: `stctl core start`.",
    )
    CORE_SLOW = ErrorRow(
        "core-slow",
        11,
        "The core accepted the connection but did not answer in time.",
        "Give it longer with --timeout, and look at its load and its database.",
    )
    CORE_KEY_REFUSED = ErrorRow(
        "core-key-refused",
        12,
        "The core refused the API key (HTTP 401).",
        "Give the right key with --api-key-file or STCTL_API_KEY.",
    )
    CORE_NOT_FOUND = ErrorRow(
        "core-not-found",
        13,
        "The address answers, but not to the path of a core (HTTP 404).",
        "Check the base path of the address, and whether it is a core at all.",
    )
    CORE_BUSY = ErrorRow(
        "core-busy",
        14,
        "The core, or something in front of it, asked to slow down (HTTP 429) and kept asking.",
        "Wait a little and run the command again.",
    )
    CORE_FAILED = ErrorRow(
        "core-failed",
        15,
        "The core failed (HTTP 5xx).",
        "Look at the core's log and its database; the core's own words are in the message.",
    )
    CORE_NOT_A_CORE = ErrorRow(
        "core-not-a-core",
        16,
        "What answers is not a core: a page instead of JSON.",
        "A proxy, a login page or another service may stand at that address.",
    )
    CORE_CUT_SHORT = ErrorRow(
        "core-cut-short",
        17,
        "The core's answer broke off, or is not whole JSON.",
        "Run the command again; if it stays so, look at what stands between.",
    )
    CORE_WRONG_SHAPE = ErrorRow(
        "core-wrong-shape",
        18,
        "The core's answer is JSON, but not what its interface promises.",
        "Check the version of the core with `stctl core status`.",
    )
    CORE_REFUSED = ErrorRow(
        "core-refused",
        19,
        "The core refused the request (another HTTP 4xx): unknown app or tenant, a value it "
        "does not take, a feature it lacks, an address it does not admit.",
        "The core's own words are in the message.",
    )
    CORE_VERSION = ErrorRow(
        "core-version",
        20,
        "stctl and the core have no version of the core driver interface (CDI) in common.",
        "Choose another with --cdi, or look at the core's versions with `stctl core status`.",
    )
    OUTPUT_FAILED = ErrorRow(
        "output-failed",
        21,
        "The result could not be written where it was sent.",
        "Check the space and the permissions of the file or device.",
    )
    APP_DOWN = ErrorRow(
        "app-down",
        22,
        "No app answers at the address, or it does not answer in time.",
        "Check the address, and whether the app runs there.",
    )
    APP_UNFIT = ErrorRow(
        "app-unfit",
        23,
        "The app answers, but not as it has to: there is no such route, something redirects, the "
        "login makes no session, its sessions are those of another core.",
        "The answer is in the message; see the options about the app in the command's --help.",
    )
    INTERRUPTED = ErrorRow(
        "interrupted", 130, "Stopped by Ctrl-C.", "What was done until then is reported."
    )

    @property
    def code(self) -> str:
        """The stable name, as it stands in JSON errors."""
        return self.value.code

    @property
    def exit_status(self) -> int:
        """The exit status of the process."""
        return self.value.exit_status


class StctlError(Exception):
    """stctl could not do what was asked.

    `detail` says what happened in this very case and never holds a secret; `hint` replaces the
    row's general advice where the case allows a better one.
    """

    def __init__(self, kind: ErrorKind, detail: str, *, hint: str | None = None) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.hint = hint if hint is not None else kind.value.hint
