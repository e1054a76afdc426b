"""The demo accounts: one per role, random passwords, written to a file only its owner can read."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from sqlalchemy import Connection, text

from data.store.users import add_user

FILE = "demo-accounts.json"
ROLES = ("supervisor", "inspector", "merchant", "property_manager", "agency", "admin")


def add_accounts(connection: Connection, scopes: dict[str, list[str]], home: Path) -> Path:
    """Create the accounts, or give them new passwords, and write the file (mode 0600); returns its path.

    `scopes` gives the scope codes of a role; a role that is missing there has none.
    """
    passwords = {role: secrets.token_urlsafe(12) for role in ROLES}
    for role in ROLES:
        add_user(connection, role, passwords[role], role, scopes.get(role, []))
    content = {role: {"username": role, "password": passwords[role]} for role in ROLES}
    return _write_private(home / FILE, json.dumps(content, indent=2))


def renew_accounts(connection: Connection, home: Path) -> Path | None:
    """Write the file anew with new passwords if it is gone; scopes stay. Returns its path if it was written."""
    if (home / FILE).exists():
        return None
    known = connection.execute(
        text("SELECT role, scope FROM app_user WHERE name = ANY(:roles)"), {"roles": list(ROLES)}
    )
    return add_accounts(connection, {role: list(scope) for role, scope in known}, home)


def _write_private(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(
        os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(content + "\n")
    fresh.replace(path)
    return path
