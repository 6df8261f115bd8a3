"""Tables of the embedded core's file: those of a core, as far as it keeps what they hold.

Names and columns are a core's own, so that what is learned here holds for a real database.
Source: core, behaviour notes 6.1 to 6.3.
"""

from typing import Final

from stctl.core.store.people_schema import PEOPLE_TABLES

VERSION: Final = 2
"""Written to the file's `user_version`; raised when a table changes."""

TABLES: Final = (
    """
    CREATE TABLE IF NOT EXISTS apps (
        app_id VARCHAR(64) NOT NULL DEFAULT 'public' PRIMARY KEY,
        created_at_time BIGINT NOT NULL
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE IF NOT EXISTS tenants (
        app_id VARCHAR(64) NOT NULL DEFAULT 'public' REFERENCES apps (app_id) ON DELETE CASCADE,
        tenant_id VARCHAR(64) NOT NULL DEFAULT 'public',
        created_at_time BIGINT NOT NULL,
        PRIMARY KEY (app_id, tenant_id)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE IF NOT EXISTS tenant_configs (
        app_id VARCHAR(64) NOT NULL,
        tenant_id VARCHAR(64) NOT NULL,
        config TEXT NOT NULL,
        PRIMARY KEY (app_id, tenant_id),
        FOREIGN KEY (app_id, tenant_id) REFERENCES tenants (app_id, tenant_id) ON DELETE CASCADE
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE IF NOT EXISTS session_info (
        app_id VARCHAR(64) NOT NULL DEFAULT 'public',
        tenant_id VARCHAR(64) NOT NULL DEFAULT 'public',
        session_handle VARCHAR(255) NOT NULL,
        user_id VARCHAR(128) NOT NULL,
        refresh_token_hash_2 VARCHAR(128) NOT NULL,
        session_data TEXT,
        expires_at BIGINT UNSIGNED NOT NULL,
        created_at_time BIGINT UNSIGNED NOT NULL,
        jwt_user_payload TEXT,
        use_static_key BOOLEAN NOT NULL,
        prev_refresh_token_hash_2 VARCHAR(128),
        refresh_token_rotated_at BIGINT,
        PRIMARY KEY (app_id, tenant_id, session_handle),
        FOREIGN KEY (app_id, tenant_id) REFERENCES tenants (app_id, tenant_id) ON DELETE CASCADE
    )
    """,
    "CREATE INDEX IF NOT EXISTS session_expiry_index ON session_info (expires_at)",
    """
    CREATE INDEX IF NOT EXISTS session_info_user_id_app_id_index
    ON session_info (user_id, app_id)
    """,
    """
    CREATE TABLE IF NOT EXISTS session_access_token_signing_keys (
        app_id VARCHAR(64) NOT NULL DEFAULT 'public' REFERENCES apps (app_id) ON DELETE CASCADE,
        created_at_time BIGINT NOT NULL,
        value TEXT,
        PRIMARY KEY (app_id, created_at_time)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE IF NOT EXISTS jwt_signing_keys (
        app_id VARCHAR(64) NOT NULL DEFAULT 'public' REFERENCES apps (app_id) ON DELETE CASCADE,
        key_id VARCHAR(255) NOT NULL,
        key_string TEXT NOT NULL,
        algorithm VARCHAR(10) NOT NULL,
        created_at BIGINT,
        PRIMARY KEY (app_id, key_id)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE IF NOT EXISTS key_value (
        app_id VARCHAR(64) NOT NULL DEFAULT 'public',
        tenant_id VARCHAR(64) NOT NULL DEFAULT 'public',
        name VARCHAR(128) NOT NULL,
        value TEXT,
        created_at_time BIGINT,
        PRIMARY KEY (app_id, tenant_id, name),
        FOREIGN KEY (app_id, tenant_id) REFERENCES tenants (app_id, tenant_id) ON DELETE CASCADE
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE IF NOT EXISTS user_last_active (
        app_id VARCHAR(64) NOT NULL DEFAULT 'public' REFERENCES apps (app_id) ON DELETE CASCADE,
        user_id VARCHAR(128) NOT NULL,
        last_active_time BIGINT NOT NULL,
        PRIMARY KEY (app_id, user_id)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE IF NOT EXISTS activity_log (
        app_id VARCHAR(64) NOT NULL,
        tenant_id VARCHAR(64) NOT NULL,
        recipe_user_id VARCHAR(128),
        primary_or_recipe_user_id VARCHAR(128),
        event_type VARCHAR(64) NOT NULL,
        status VARCHAR(32) NOT NULL,
        auth_principal TEXT,
        identifier TEXT,
        created_at BIGINT NOT NULL,
        payload TEXT
    )
    """,
    *PEOPLE_TABLES,
)
"""Statements that make what is missing, in their order."""
