"""How users, roles and tenants look, and what was done to them."""
