"""The one secret of the workers and web functions."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

SECRET = "fashion-api-keys"
NAMES = (
    "OPENAI_API_KEY",
    "NEXT_PUBLIC_SUPABASE_URL",
    "NEXT_PUBLIC_SUPABASE_ANON_KEY",
    "SUPABASE_SERVICE_ROLE_KEY",
    "CLOUDINARY_URL",
    "GOOGLE_CLOUD_PROJECT",
    "GOOGLE_APPLICATION_CREDENTIALS_JSON",
)
"""What it holds. Modal refuses to deploy a worker while one is missing, and names it."""

WEB_NAMES = (*NAMES, "FASHION_API_KEYS")
"""What it holds for web functions: also the keys that their callers show."""


class GoogleKey(BaseSettings):
    """Google's libraries read their key from a file; a secret of Modal is a variable."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    text: SecretStr | None = Field(default=None, validation_alias="GOOGLE_APPLICATION_CREDENTIALS_JSON")


def write_google_key(folder: Path) -> None:
    """Sets GOOGLE_APPLICATION_CREDENTIALS; nothing happens where no text of a key is given."""
    text = GoogleKey().text
    if text is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "google.json"
    path.touch(mode=stat.S_IRUSR | stat.S_IWUSR)
    path.write_text(text.get_secret_value())
    os.environ["GOOGLE_APPLICATION_CREDENTIALS"] = str(path)
