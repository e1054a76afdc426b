"""Settings from the environment (prefix `YIPING_`) and the folder that keeps what must outlive a start."""

from __future__ import annotations

import secrets
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from layers.core.errors import YipingError

REPOSITORY = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """One value per environment variable; the defaults suit a first start on one's own machine."""

    model_config = SettingsConfigDict(env_prefix="YIPING_", extra="ignore", populate_by_name=True)

    host: str = "127.0.0.1"
    port: int = Field(default=8050, ge=1, le=65535)
    home: Path = REPOSITORY / ".yiping"
    database_url: str = Field(default="", validation_alias=AliasChoices("DATABASE_URL", "database_url"))
    demo: str = "district"
    env: Literal["development", "production"] = "development"
    secret: str = ""
    basemap_url: str = ""
    basemap_datum: str = "wgs84"
    map_approval: str = ""  # 审图号

    @cached_property
    def secret_key(self) -> str:
        """The key that signs; generated and kept in the home folder, except in production where it must be given."""
        if self.secret:
            return self.secret
        if self.env == "production":
            raise YipingError(
                "YIPING_SECRET is empty: set it to a long random text before starting in production."
            )
        path = self.home / "secret"
        if not path.exists():
            self.home.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(48))
        return path.read_text().strip()

    @property
    def accounts_file(self) -> Path:
        """Where the demo city writes its accounts."""
        return self.home / "demo-accounts.json"
