"""What the embedded core remembers: SQLite, in a file or in memory."""

from stctl.core.store.database import Database, Sql, open_database
from stctl.core.store.sessions import Pointer, SessionKey, SessionRow

__all__ = ["Database", "Pointer", "SessionKey", "SessionRow", "Sql", "open_database"]
