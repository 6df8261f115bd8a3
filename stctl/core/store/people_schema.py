"""Tables of users and of what hangs on them: login methods, links, other ids, roles, metadata.

Names and columns follow those of a core, so that what is learned here holds for a real database.
A login method is a row of its recipe's table; `app_id_to_user_id` says which user it is part of,
and `all_auth_recipe_users` in which tenants it may be used.
"""

from typing import Final

PEOPLE_TABLES: Final = (
    """
    CREATE TABLE IF NOT EXISTS app_id_to_user_id (
        app_id VARCHAR(64) NOT NULL DEFAULT 'public' REFERENCES apps (app_id) ON DELETE CASCADE,
        user_id VARCHAR(128) NOT NULL,
        recipe_id VARCHAR(128) NOT NULL,
        primary_or_recipe_user_id VARCHAR(128) NOT NULL,
        is_linked_or_is_a_primary_user BOOLEAN NOT NULL DEFAULT 0,
        PRIMARY KEY (app_id, user_id)
    ) WITHOUT ROWID
    """,
    """
    CREATE INDEX IF NOT EXISTS app_id_to_user_id_primary_user_id_index
    ON app_id_to_user_id (app_id, primary_or_recipe_user_id)
    """,
    # Whether an app has linked accounts at all is asked before sessions are made.
    """
    CREATE INDEX IF NOT EXISTS app_id_to_user_id_linked_index
    ON app_id_to_user_id (app_id) WHERE user_id <> primary_or_recipe_user_id
    """,
    """
    CREATE TABLE IF NOT EXISTS all_auth_recipe_users (
        app_id VARCHAR(64) NOT NULL DEFAULT 'public',
        tenant_id VARCHAR(64) NOT NULL DEFAULT 'public',
        user_id VARCHAR(128) NOT NULL,
        primary_or_recipe_user_id VARCHAR(128) NOT NULL,
        is_linked_or_is_a_primary_user BOOLEAN NOT NULL DEFAULT 0,
        recipe_id VARCHAR(128) NOT NULL,
        time_joined BIGINT NOT NULL,
        primary_or_recipe_user_time_joined BIGINT NOT NULL,
        PRIMARY KEY (app_id, tenant_id, user_id),
        FOREIGN KEY (app_id, tenant_id) REFERENCES tenants (app_id, tenant_id) ON DELETE CASCADE,
        FOREIGN KEY (app_id, user_id)
            REFERENCES app_id_to_user_id (app_id, user_id) ON DELETE CASCADE
    ) WITHOUT ROWID
    """,
    """
    CREATE INDEX IF NOT EXISTS all_auth_recipe_users_pagination_index
    ON all_auth_recipe_users (
        app_id, tenant_id, primary_or_recipe_user_time_joined, primary_or_recipe_user_id
    )
    """,
    """
    CREATE INDEX IF NOT EXISTS all_auth_recipe_users_user_id_index
    ON all_auth_recipe_users (app_id, user_id)
    """,
    """
    CREATE INDEX IF NOT EXISTS all_auth_recipe_users_primary_user_id_index
    ON all_auth_recipe_users (app_id, primary_or_recipe_user_id)
    """,
    """
    CREATE TABLE IF NOT EXISTS emailpassword_users (
        app_id VARCHAR(64) NOT NULL DEFAULT 'public' REFERENCES apps (app_id) ON DELETE CASCADE,
        user_id VARCHAR(128) NOT NULL,
        email VARCHAR(256) NOT NULL,
        password_hash VARCHAR(256) NOT NULL,
        time_joined BIGINT NOT NULL,
        PRIMARY KEY (app_id, user_id)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE IF NOT EXISTS emailpassword_user_to_tenant (
        app_id VARCHAR(64) NOT NULL DEFAULT 'public',
        tenant_id VARCHAR(64) NOT NULL DEFAULT 'public',
        user_id VARCHAR(128) NOT NULL,
        email VARCHAR(256) NOT NULL,
        PRIMARY KEY (app_id, tenant_id, user_id),
        UNIQUE (app_id, tenant_id, email),
        FOREIGN KEY (app_id, tenant_id, user_id)
            REFERENCES all_auth_recipe_users (app_id, tenant_id, user_id) ON DELETE CASCADE
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE IF NOT EXISTS thirdparty_users (
        app_id VARCHAR(64) NOT NULL DEFAULT 'public' REFERENCES apps (app_id) ON DELETE CASCADE,
        third_party_id VARCHAR(28) NOT NULL,
        third_party_user_id VARCHAR(256) NOT NULL,
        user_id VARCHAR(128) NOT NULL,
        email VARCHAR(256) NOT NULL,
        time_joined BIGINT NOT NULL,
        PRIMARY KEY (app_id, user_id)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX IF NOT EXISTS thirdparty_users_email_index ON thirdparty_users (app_id, email)",
    """
    CREATE TABLE IF NOT EXISTS thirdparty_user_to_tenant (
        app_id VARCHAR(64) NOT NULL DEFAULT 'public',
        tenant_id VARCHAR(64) NOT NULL DEFAULT 'public',
        user_id VARCHAR(128) NOT NULL,
        third_party_id VARCHAR(28) NOT NULL,
        third_party_user_id VARCHAR(256) NOT NULL,
        PRIMARY KEY (app_id, tenant_id, user_id),
        UNIQUE (app_id, tenant_id, third_party_id, third_party_user_id),
        FOREIGN KEY (app_id, tenant_id, user_id)
            REFERENCES all_auth_recipe_users (app_id, tenant_id, user_id) ON DELETE CASCADE
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE IF NOT EXISTS passwordless_users (
        app_id VARCHAR(64) NOT NULL DEFAULT 'public' REFERENCES apps (app_id) ON DELETE CASCADE,
        user_id VARCHAR(128) NOT NULL,
        email VARCHAR(256),
        phone_number VARCHAR(256),
        time_joined BIGINT NOT NULL,
        PRIMARY KEY (app_id, user_id)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE IF NOT EXISTS passwordless_user_to_tenant (
        app_id VARCHAR(64) NOT NULL DEFAULT 'public',
        tenant_id VARCHAR(64) NOT NULL DEFAULT 'public',
        user_id VARCHAR(128) NOT NULL,
        email VARCHAR(256),
        phone_number VARCHAR(256),
        PRIMARY KEY (app_id, tenant_id, user_id),
        UNIQUE (app_id, tenant_id, email),
        UNIQUE (app_id, tenant_id, phone_number),
        FOREIGN KEY (app_id, tenant_id, user_id)
            REFERENCES all_auth_recipe_users (app_id, tenant_id, user_id) ON DELETE CASCADE
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE IF NOT EXISTS passwordless_devices (
        app_id VARCHAR(64) NOT NULL DEFAULT 'public',
        tenant_id VARCHAR(64) NOT NULL DEFAULT 'public',
        device_id_hash CHAR(44) NOT NULL,
        email VARCHAR(256),
        phone_number VARCHAR(256),
        link_code_salt CHAR(44) NOT NULL,
        failed_attempts INT UNSIGNED NOT NULL,
        PRIMARY KEY (app_id, tenant_id, device_id_hash),
        FOREIGN KEY (app_id, tenant_id) REFERENCES tenants (app_id, tenant_id) ON DELETE CASCADE
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE IF NOT EXISTS passwordless_codes (
        app_id VARCHAR(64) NOT NULL DEFAULT 'public',
        tenant_id VARCHAR(64) NOT NULL DEFAULT 'public',
        code_id CHAR(36) NOT NULL,
        device_id_hash CHAR(44) NOT NULL,
        link_code_hash CHAR(44) NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (app_id, tenant_id, code_id),
        UNIQUE (app_id, tenant_id, link_code_hash),
        FOREIGN KEY (app_id, tenant_id, device_id_hash)
            REFERENCES passwordless_devices (app_id, tenant_id, device_id_hash) ON DELETE CASCADE
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE IF NOT EXISTS emailverification_verified_emails (
        app_id VARCHAR(64) NOT NULL DEFAULT 'public' REFERENCES apps (app_id) ON DELETE CASCADE,
        user_id VARCHAR(128) NOT NULL,
        email VARCHAR(256) NOT NULL,
        PRIMARY KEY (app_id, user_id, email)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE IF NOT EXISTS userid_mapping (
        app_id VARCHAR(64) NOT NULL DEFAULT 'public',
        supertokens_user_id VARCHAR(128) NOT NULL,
        external_user_id VARCHAR(128) NOT NULL,
        external_user_id_info TEXT,
        PRIMARY KEY (app_id, supertokens_user_id),
        UNIQUE (app_id, external_user_id),
        FOREIGN KEY (app_id, supertokens_user_id)
            REFERENCES app_id_to_user_id (app_id, user_id) ON DELETE CASCADE
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE IF NOT EXISTS roles (
        app_id VARCHAR(64) NOT NULL DEFAULT 'public' REFERENCES apps (app_id) ON DELETE CASCADE,
        role VARCHAR(255) NOT NULL,
        PRIMARY KEY (app_id, role)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE IF NOT EXISTS role_permissions (
        app_id VARCHAR(64) NOT NULL DEFAULT 'public',
        role VARCHAR(255) NOT NULL,
        permission VARCHAR(255) NOT NULL,
        PRIMARY KEY (app_id, role, permission),
        FOREIGN KEY (app_id, role) REFERENCES roles (app_id, role) ON DELETE CASCADE
    ) WITHOUT ROWID
    """,
    """
    CREATE INDEX IF NOT EXISTS role_permissions_permission_index
    ON role_permissions (app_id, permission)
    """,
    """
    CREATE TABLE IF NOT EXISTS user_roles (
        app_id VARCHAR(64) NOT NULL DEFAULT 'public',
        tenant_id VARCHAR(64) NOT NULL DEFAULT 'public',
        user_id VARCHAR(128) NOT NULL,
        role VARCHAR(255) NOT NULL,
        PRIMARY KEY (app_id, tenant_id, user_id, role),
        FOREIGN KEY (app_id, tenant_id) REFERENCES tenants (app_id, tenant_id) ON DELETE CASCADE,
        FOREIGN KEY (app_id, role) REFERENCES roles (app_id, role) ON DELETE CASCADE
    ) WITHOUT ROWID
    """,
    "CREATE INDEX IF NOT EXISTS user_roles_user_id_index ON user_roles (app_id, user_id)",
    "CREATE INDEX IF NOT EXISTS user_roles_role_index ON user_roles (app_id, tenant_id, role)",
    """
    CREATE TABLE IF NOT EXISTS user_metadata (
        app_id VARCHAR(64) NOT NULL DEFAULT 'public' REFERENCES apps (app_id) ON DELETE CASCADE,
        user_id VARCHAR(128) NOT NULL,
        user_metadata TEXT NOT NULL,
        PRIMARY KEY (app_id, user_id)
    ) WITHOUT ROWID
    """,
)
"""Statements that make what is missing, in their order; apps and tenants are there before."""
