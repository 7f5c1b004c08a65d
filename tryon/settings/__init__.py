"""The only reader of the environment."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from tryon.core.budget import Caps
from tryon.core.words import Order
from tryon.settings.cloud import CloudSettings
from tryon.settings.deployment import VARIABLES
from tryon.settings.engines import EngineSettings
from tryon.settings.services import ServiceSettings
from tryon.settings.types import ReceiptKey

MODAL_FILE = Path("~/.modal.toml")


class Profile(StrEnum):
    """Which engines, stores and compute are used. Chosen explicitly, never fallen back to."""

    SAMPLE = "sample"
    WORKSTATION = "workstation"
    PRODUCTION = "production"


class Settings(EngineSettings, CloudSettings, ServiceSettings):
    """Every setting is `FASHION_<NAME>` in the environment, unless it has a name of its own there; it cannot change
    after it was read."""

    model_config = SettingsConfigDict(
        env_prefix="FASHION_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    profile: Profile = Profile.SAMPLE
    data: Path = Field(
        default=Path("data"), description="folder of uploads, blobs, records and Dagster's storage"
    )
    order: Order = Field(default=Order.UNTUCKED, description="painter's order of two-piece outfits")
    chunk_seconds: float = Field(default=900.0, gt=0, description="predicted engine seconds of one run")
    threads: int | None = Field(
        default=None, ge=1, le=64, description="threads an engine may use; unset: what it can make use of"
    )
    models: Path = Field(
        default=Path("~/.cache/fashion-assets/models"),
        description="folder of downloaded weights",
    )
    commercial: bool = Field(
        default=False,
        description="refuse to start with an engine, and to export pictures, whose licence forbids commercial use",
    )
    usd_per_second: float = Field(
        default=0.0, ge=0, description="price of one engine second, for cost records"
    )
    prices: Path | None = Field(default=None, description="price list (TOML); unset: the profile's")
    max_failures: int = Field(
        default=3, ge=1, description="runs that may pay for a product in vain before it is quarantined"
    )
    budget_run: float | None = Field(default=None, ge=0, description="US dollars that one run may cost")
    budget_day: float | None = Field(default=None, ge=0, description="US dollars that one UTC day may cost")
    budget_catalogue: float | None = Field(
        default=None, ge=0, description="US dollars that all work may cost together"
    )
    tryon_url: str = Field(
        default="http://127.0.0.1:8000/api/try-on",
        description="try-on service that data.json tells apps to call",
    )
    ui_port: int = Field(default=3000, ge=1, le=65535, description="loopback port of Dagster's UI")
    pictures_port: int = Field(
        default=3001, ge=1, le=65535, description="loopback port of the pictures in Dagster's UI"
    )
    quality: int = Field(default=92, ge=1, le=100, description="WebP quality of try-on images")
    retention_days: int | None = Field(default=None, ge=1, description="age at which a consent runs out")
    erase_suspended_days: int = Field(
        default=30, ge=1, description="days until an upload that was taken away is erased"
    )
    receipt_key: ReceiptKey = Field(default=None, description="key that signs receipts of erasures")
    alert_webhook: SecretStr | None = Field(
        default=None, description="address that is told of every failed run; a secret"
    )
    ui_url: str | None = Field(default=None, description="where Dagster's UI is, for links in alerts")

    @property
    def on_modal(self) -> bool:
        usual = "modal" if self.profile is Profile.PRODUCTION and not self.worker else "in-process"
        return (self.compute or usual) == "modal"

    @property
    def caps(self) -> Caps:
        return Caps(self.budget_run, self.budget_day, self.budget_catalogue)

    @model_validator(mode="after")
    def _no_mistyped_variable(self) -> Settings:
        """Nothing is taken in place of what was chosen: a setting that nobody reads was meant for something."""
        known = {f"FASHION_{name.upper()}" for name in type(self).model_fields} | VARIABLES
        for name in sorted(map(str.upper, os.environ)):
            if name.startswith("FASHION_") and name not in known:
                near = get_close_matches(name, known, 1, cutoff=0.8)
                raise ValueError(f"there is no setting {name}{f'; is {near[0]} meant?' if near else ''}")
        return self

    @model_validator(mode="after")
    def _caps_need_a_price(self) -> Settings:
        priced = self.usd_per_second or self.prices or self.profile.value == "production"
        if self.caps.any and not priced:
            raise ValueError(
                "FASHION_BUDGET_RUN, _DAY and _CATALOGUE need FASHION_USD_PER_SECOND, what a second costs, or a price "
                "list in FASHION_PRICES"
            )
        return self

    @model_validator(mode="after")
    def _workers_reach_the_stores(self) -> Settings:
        if self.on_modal and self.profile is not Profile.PRODUCTION:
            raise ValueError(
                "FASHION_COMPUTE=modal needs FASHION_PROFILE=production: workers cannot reach this machine's files"
            )
        return self

    @model_validator(mode="after")
    def _production_has_everything(self) -> Settings:
        """All that is missing at once; nothing else is taken in its place."""
        if self.profile is not Profile.PRODUCTION:
            return self
        missing = [variable(n) for n, needed in NEEDED.items() if needed(self) and not _is_set(self, n)]
        if missing:
            raise ValueError(
                f"FASHION_PROFILE=production needs {', '.join(missing)}; set {'it' if len(missing) == 1 else 'them'} "
                "as docs/production.md says"
            )
        return self

    @property
    def ui_address(self) -> str:
        return self.ui_url or f"http://127.0.0.1:{self.ui_port}"

    @property
    def pictures_url(self) -> str:
        return f"http://127.0.0.1:{self.pictures_port}"


def variable(name: str) -> str:
    """The variable that a setting is read from."""
    return str(Settings.model_fields[name].validation_alias or f"FASHION_{name.upper()}")


def _always(settings: Settings) -> bool:
    return True


def _needs_token(settings: Settings) -> bool:
    """`modal token new` writes one into a file, which Modal's library reads by itself."""
    return settings.on_modal and not MODAL_FILE.expanduser().exists()


NEEDED: Mapping[str, Callable[[Settings], bool]] = {
    "supabase_url": _always,
    "supabase_key": _always,
    "cloudinary_url": _always,
    "google_project": _always,
    # Erasures run on several machines: each would make a key of its own. Workers erase nothing.
    "receipt_key": lambda settings: not settings.worker,
    "modal_token_id": _needs_token,
    "modal_token_secret": _needs_token,
    "openai_api_key": lambda settings: settings.analyzer in (None, "gpt-4o"),
}
"""Settings without which the production profile does not start, and when each of them is needed."""


def _is_set(settings: Settings, name: str) -> bool:
    value = getattr(settings, name)
    return bool(value.get_secret_value().strip() if isinstance(value, SecretStr) else value)
