"""The registry of embedded cores that a command looks into."""

from pathlib import Path
from typing import TYPE_CHECKING

from stctl.cli.context import Context

if TYPE_CHECKING:
    from stctl.core.registry import Registry


def registry_folder(context: Context) -> Path:
    """Where the files of running cores are."""
    return context.state_folder / "cores"


def registry_of(context: Context) -> "Registry":
    """The running cores of this user."""
    from stctl.core.registry import Registry

    return Registry(registry_folder(context))
