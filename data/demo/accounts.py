"""The demo accounts: one per role, random passwords, written to a file only its owner can read, and more officers.

An account is the demo's as long as it has the password that the demo gave it; one that anybody else made or gave a
password is theirs and is left alone.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, text

from data.store.audit import record
from data.store.users import add_user

FILE = "demo-accounts.json"
ROLES = ("supervisor", "inspector", "merchant", "property_manager", "agency", "admin")
OFFICERS = (
    "陈卫东",
    "李建华",
    "王丽萍",
    "张志明",
    "周晓燕",
)  # inspectors whom a draw may choose; nobody signs in as them
SETTING = "demo_accounts"

_SEAL = "encode(sha256(convert_to(u.password_hash, 'UTF8')), 'hex')"
_OURS = f"FROM app_user u, setting s WHERE s.key = '{SETTING}' AND s.value ->> u.name = {_SEAL}"
_NOTE = f"""
INSERT INTO setting (key, value)
SELECT '{SETTING}', coalesce(jsonb_object_agg(u.name, {_SEAL}), '{{}}') FROM app_user u WHERE u.name = ANY(:names)
ON CONFLICT (key) DO UPDATE SET value = excluded.value
"""


@dataclass(frozen=True, slots=True)
class Accounts:
    """The file of the accounts, ready beside its place, and the names that belong to somebody else."""

    path: Path
    kept: tuple[str, ...]

    def publish(self) -> Path:
        """Put the file in its place, once the accounts are in the database for good; returns its path."""
        _fresh(self.path).replace(self.path)
        return self.path


def add_accounts(connection: Connection, scopes: dict[str, list[str]], home: Path, actor: str) -> Accounts:
    """Create the accounts, or give the demo's own new passwords, and make the file (mode 0600) ready.

    `scopes` gives the scope codes of a role; a role that is missing there has none. A name that is taken by an account
    that is not the demo's is left out.
    """
    kept = _foreign(connection)
    passwords = {role: secrets.token_urlsafe(12) for role in ROLES if role not in kept}
    for role, password in passwords.items():
        add_user(connection, role, password, role, scopes.get(role, []))
    connection.execute(text(_NOTE), {"names": [*passwords, *(name for name in OFFICERS if name not in kept)]})
    record(connection, actor, "demo_accounts", "demo city", {"accounts": list(passwords), "left_alone": kept})
    content = {role: {"username": role, "password": password} for role, password in passwords.items()}
    _write_private(_fresh(home / FILE), json.dumps(content, indent=2))
    return Accounts(home / FILE, tuple(kept))


def add_officers(connection: Connection, scope: list[str]) -> None:
    """Create the officers whom a draw may choose beside the inspector, as far as their names are free."""
    kept = _foreign(connection)
    names = [name for name in OFFICERS if name not in kept]
    for name in names:
        add_user(connection, name, secrets.token_urlsafe(12), "inspector", scope)
    connection.execute(text(_NOTE), {"names": names})


def renew_accounts(connection: Connection, home: Path, actor: str) -> Accounts | None:
    """Make the file anew with new passwords if it is gone; scopes stay. Returns None where the file is there."""
    if (home / FILE).exists():
        return None
    known = connection.execute(text(f"SELECT u.role, u.scope {_OURS}"))
    return add_accounts(connection, {role: list(scope) for role, scope in known}, home, actor)


def remove_accounts(connection: Connection) -> None:
    """Delete the demo's own accounts, what happened to them, and the note of them."""
    connection.execute(
        text(
            f"WITH gone AS (DELETE FROM app_user WHERE id IN (SELECT u.id {_OURS}) RETURNING id) "
            "DELETE FROM history h USING gone WHERE h.table_name = 'app_user' AND h.row_id = gone.id"
        )
    )
    connection.execute(text("DELETE FROM setting WHERE key = :key"), {"key": SETTING})


def _foreign(connection: Connection) -> list[str]:
    """Return the names of ours that accounts of other people bear."""
    query = f"SELECT name FROM app_user WHERE name = ANY(:names) AND id NOT IN (SELECT u.id {_OURS}) ORDER BY name"
    return list(connection.scalars(text(query), {"names": [*ROLES, *OFFICERS]}))


def _fresh(path: Path) -> Path:
    return path.with_suffix(".new")


def _write_private(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(content + "\n")
