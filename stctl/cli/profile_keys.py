"""API keys of profiles: kept in the system's keyring or a file that only the user can read.

No message of this module ever holds a key, nor anything that a command printed.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from stctl.errors import ErrorKind, StctlError

_SERVICE = "stctl"
_COMMAND_LIMIT_S = 60
_PRIVATE_FOLDER, _PRIVATE_FILE = 0o700, 0o600


def from_command(command: str, environ: Mapping[str, str]) -> str | None:
    """The first line that a command prints; None when it is empty.

    The command is split like a shell does, and run without one. Its standard error is dropped.
    Raises `input-unreadable` when it cannot be run, takes too long or fails.
    """
    import shlex
    import subprocess

    try:
        words = shlex.split(command)
        done = subprocess.run(  # noqa: S603 - the user's own command, from the user's own settings
            words,
            env=dict(environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_COMMAND_LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _command_failed(command, f"it took longer than {_COMMAND_LIMIT_S} s") from None
    except (OSError, ValueError, IndexError) as problem:
        reason = getattr(problem, "strerror", None) or "it is no command"
        raise _command_failed(command, reason) from None
    if done.returncode != 0:
        raise _command_failed(command, f"it ended with status {done.returncode}")
    return done.stdout.decode("utf-8", "replace").partition("\n")[0].strip() or None


def _command_failed(command: str, reason: str) -> StctlError:
    program = (command.split() or [""])[0]
    return StctlError(
        ErrorKind.INPUT_UNREADABLE,
        f"The command for the API key ({program} …) gave none: {reason}.",
        hint="Run it yourself to see what it says.",
    )


def from_keyring(name: str) -> str | None:
    """The key that the system's keyring has under a name.

    Raises `setting-invalid` where there is no keyring, or it has none of that name.
    """
    try:
        import keyring
    except ImportError:
        raise StctlError(
            ErrorKind.SETTING_INVALID,
            f"The API key {name!r} is in the system keyring, and the package keyring is missing.",
            hint="Install stctl with its extra: `pip install 'stctl[keyring]'`.",
        ) from None
    try:
        key = keyring.get_password(_SERVICE, name)
    except Exception as problem:  # noqa: BLE001 - each back end has errors of its own
        raise _keyring_failed(problem) from None
    if key is None:
        raise StctlError(
            ErrorKind.SETTING_INVALID,
            f"The system keyring has no API key {name!r}.",
            hint="Store it with `stctl profile add --store-key --force`.",
        )
    return str(key).strip() or None


def _keyring_failed(problem: Exception) -> StctlError:
    return StctlError(
        ErrorKind.SETTING_INVALID,
        f"The system keyring cannot be asked ({type(problem).__name__}).",
        hint="Unlock it, or keep the key in a file: `stctl profile add --api-key-file`.",
    )


def store(name: str, key: str, folder: Path) -> dict[str, str]:
    """Keep a key, and return the settings that find it again.

    In the system's keyring where there is a working one, else in a file of the folder that nobody
    else may read. Raises `output-failed` when neither works.
    """
    if _stored_in_keyring(name, key):
        return {"api_key_keyring": name}
    path = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=_PRIVATE_FOLDER)
        write_privately(path, key + "\n")
    except OSError as problem:
        raise StctlError(
            ErrorKind.OUTPUT_FAILED, f"Cannot keep the API key in {path}: {problem.strerror}."
        ) from None
    return {"api_key_file": str(path)}


def _stored_in_keyring(name: str, key: str) -> bool:
    try:
        import keyring

        keyring.set_password(_SERVICE, name, key)
        # A back end that forgets at once, such as the null one, must not count as a keyring.
        return bool(keyring.get_password(_SERVICE, name) == key)
    except Exception:  # noqa: BLE001 - without a working keyring there is still the file
        return False


def forget(values: Mapping[str, str], folder: Path) -> None:
    """Remove a key that `store` has kept; a file of the user's own stays."""
    file = Path(values.get("api_key_file", ""))
    if file.parent == folder:
        file.unlink(missing_ok=True)
    name = values.get("api_key_keyring")
    if name is not None:
        try:
            import keyring

            keyring.delete_password(_SERVICE, name)
        except Exception:  # noqa: BLE001 - what is gone already need not be removed
            return


def write_privately(path: Path, text: str, mode: int = _PRIVATE_FILE) -> None:
    """Replace a file as a whole, so that no reader sees half of it; raises OSError."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE_FILE)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(mode)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
