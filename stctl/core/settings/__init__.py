"""Settings of an embedded core: the table of them, and how they are read."""

from stctl.core.settings.load import load_settings
from stctl.core.settings.model import CoreSettings
from stctl.core.settings.table import SETTINGS, Setting

__all__ = ["SETTINGS", "CoreSettings", "Setting", "load_settings"]
