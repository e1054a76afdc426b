"""Settings from the environment (prefix `YIPING_`) and the folder that keeps what must outlive a start."""

from __future__ import annotations

import contextlib
import os
import secrets
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from layers.core.errors import YipingError
from layers.core.rent import MONTHS
from layers.core.text import Text

REPOSITORY = Path(__file__).resolve().parent.parent


def _demo_of(known: dict[str, Any]) -> str:
    return "none" if known.get("env") == "production" else "district"


class Settings(BaseSettings):
    """One value per environment variable; the defaults suit a first start on one's own machine."""

    model_config = SettingsConfigDict(env_prefix="YIPING_", extra="ignore", populate_by_name=True)

    host: str = "127.0.0.1"
    port: int = Field(default=8050, ge=1, le=65535)
    home: Path = REPOSITORY / ".yiping"
    database_url: str = Field(default="", validation_alias=AliasChoices("DATABASE_URL", "database_url"))
    env: Literal["development", "production"] = "development"
    demo: str = Field(default_factory=_demo_of)
    secret: str = ""
    map_approval: str = ""  # 审图号
    rent_month: Literal["30", "365/12"] = "30"  # days that a month of rent counts

    @cached_property
    def secret_key(self) -> str:
        """The key that sessions are hashed with; outside production one is generated and kept in the home folder.

        Raises `YipingError` in production without `YIPING_SECRET`.
        """
        if given := self.secret.strip():
            return given
        if self.env == "production":
            raise YipingError(
                Text(
                    "生产环境（YIPING_ENV=production）必须设置 YIPING_SECRET，用于保护数据库中的会话："
                    "请设为一段长随机文本（例如 openssl rand -hex 32 的输出），各进程相同，然后重新启动。",
                    "YIPING_SECRET is empty, and with YIPING_ENV=production it must be set, because it protects the "
                    "sessions kept in the database: give every process the same long random text, such as "
                    "`openssl rand -hex 32` prints, and start again.",
                )
            )
        return _kept_secret(self.home / "secret")

    @property
    def rent_month_days(self) -> float:
        """The days that a month of rent counts."""
        return MONTHS[self.rent_month]

    @property
    def accounts_file(self) -> Path:
        """Where the demo city writes its accounts."""
        return self.home / "demo-accounts.json"


def _kept_secret(path: Path) -> str:
    """Return the secret in a file only its owner can read; several processes that make it agree on one."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
    return path.read_text().strip()
