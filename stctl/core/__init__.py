"""The embedded core: SQLite, real keys, the HTTP contract of a real one."""
