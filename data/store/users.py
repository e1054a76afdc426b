"""People who sign in: accounts, sessions, and the brake on guessing."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error
from sqlalchemy import Connection, text

from layers.core.access import PUBLIC_VIEWER, Role, Scope, Viewer
from layers.core.errors import YipingError
from layers.core.text import Text

SESSION_HOURS = 12
ATTEMPTS = 8
ATTEMPT_WINDOW = timedelta(minutes=10)
_HASHER = PasswordHasher()
# Verified for unknown names too, so that time does not tell them apart: no password has this hash.
_NOBODY = (
    f"$argon2id$v=19$m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}$"
    f"{'A' * 22}${'A' * 43}"
)


class WrongPasswordError(YipingError):
    """Name or password does not fit; which of them is never told."""


class TooManyAttemptsError(YipingError):
    """The account or address has failed to sign in too often."""


def add_user(connection: Connection, name: str, password: str, role: str, scope: list[str]) -> int:
    """Create an account or give an existing one a new password, role and scope, which ends its sessions.

    Returns its id. Raises `YipingError` for an unknown role, a bad scope, an empty name or a password under 10
    characters.
    """
    if role not in {r.value for r in Role if r is not Role.PUBLIC}:
        roles = [known for known in Role if known is not Role.PUBLIC]
        raise YipingError(
            Text(
                f"没有角色“{role}”；可选角色：{'、'.join(roles)}。",
                f"There is no role {role!r}; the roles are {', '.join(roles)}.",
            )
        )
    if not name.strip() or len(password) < 10:
        raise YipingError(
            Text(
                "账号须有名称，密码至少 10 个字符。",
                "An account needs a name and a password of at least 10 characters.",
            )
        )
    Scope.parse(scope)
    user_id = int(
        connection.execute(
            text(
                "INSERT INTO app_user (name, password_hash, role, scope) VALUES (:name, :hash, :role, :scope) "
                "ON CONFLICT (name) DO UPDATE SET password_hash = excluded.password_hash, role = excluded.role, "
                "scope = excluded.scope, active = true RETURNING id"
            ),
            {"name": name.strip(), "hash": _HASHER.hash(password), "role": role, "scope": scope},
        ).scalar_one()
    )
    connection.execute(text("DELETE FROM user_session WHERE user_id = :id"), {"id": user_id})
    return user_id


def check_password(connection: Connection, name: str, password: str) -> int | None:
    """Return the id of an active account whose password fits, else None."""
    row = connection.execute(
        text("SELECT id, password_hash FROM app_user WHERE name = :name AND active"), {"name": name}
    ).one_or_none()
    try:
        _HASHER.verify(row.password_hash if row else _NOBODY, password)
    except Argon2Error:
        return None
    return int(row.id) if row else None


def brake(connection: Connection, keys: list[str], now: datetime) -> None:
    """Raise `TooManyAttemptsError` where one of the keys (account, address) failed too often lately."""
    worst = connection.scalar(
        text(
            "SELECT coalesce(max(n), 0) FROM (SELECT count(*) n FROM login_attempt "
            "WHERE key = ANY(:keys) AND at > :since GROUP BY key) c"
        ),
        {"keys": keys, "since": now - ATTEMPT_WINDOW},
    )
    if worst >= ATTEMPTS:
        raise TooManyAttemptsError(
            Text(
                "登录失败次数过多：请十分钟后再试。",
                "Too many failed sign-ins: wait ten minutes, then try again.",
            )
        )


def note_failure(connection: Connection, keys: list[str], now: datetime) -> None:
    """Remember a failed sign-in and forget those that no longer count."""
    connection.execute(text("DELETE FROM login_attempt WHERE at < :since"), {"since": now - ATTEMPT_WINDOW})
    connection.execute(
        text("INSERT INTO login_attempt (key, at) VALUES (:key, :at)"),
        [{"key": key, "at": now} for key in keys],
    )


def forget_failures(connection: Connection, key: str) -> None:
    """Let an account that has signed in begin anew; what its address failed at elsewhere still counts."""
    connection.execute(text("DELETE FROM login_attempt WHERE key = :key"), {"key": key})


def open_session(connection: Connection, user_id: int, now: datetime, secret: str) -> str:
    """Start a session; the token is returned once and only its hash is kept.

    The hash is keyed with `secret`, which the database does not hold: who reads or writes the database alone can
    neither use a session nor make one.
    """
    token = secrets.token_urlsafe(32)
    connection.execute(text("DELETE FROM user_session WHERE expires_at < :now"), {"now": now})
    connection.execute(
        text("INSERT INTO user_session (token_hash, user_id, expires_at) VALUES (:hash, :user, :until)"),
        {"hash": _digest(token, secret), "user": user_id, "until": now + timedelta(hours=SESSION_HOURS)},
    )
    return token


def close_session(connection: Connection, token: str, secret: str) -> int | None:
    """End a session; returns the id of the account it belonged to, None where there was no such session."""
    owner = connection.scalar(
        text("DELETE FROM user_session WHERE token_hash = :hash RETURNING user_id"),
        {"hash": _digest(token, secret)},
    )
    return None if owner is None else int(owner)


def viewer_of(connection: Connection, token: str, now: datetime, secret: str) -> Viewer:
    """Return who a session token belongs to; the public when it belongs to nobody any more."""
    row = connection.execute(
        text(
            "SELECT u.id, u.name, u.role, u.scope FROM user_session s JOIN app_user u ON u.id = s.user_id "
            "WHERE s.token_hash = :hash AND s.expires_at > :now AND u.active"
        ),
        {"hash": _digest(token, secret), "now": now},
    ).one_or_none()
    if row is None:
        return PUBLIC_VIEWER
    return Viewer(Role(row.role), Scope.parse(list(row.scope)), row.name, int(row.id))


def _digest(token: str, secret: str) -> bytes:
    return hmac.new(secret.encode(), token.encode(), hashlib.sha256).digest()
