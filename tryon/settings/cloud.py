"""Settings of the systems that the production profile keeps everything in. Google's library reads two variables by
itself: GOOGLE_APPLICATION_CREDENTIALS, and FIRESTORE_EMULATOR_HOST in tests."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings

from tryon.settings.types import OptionalAddress, OptionalDatabase, OptionalSecret, OptionalText


class CloudSettings(BaseSettings):
    """A part of tryon.settings.Settings; an empty variable counts as unset."""

    supabase_url: OptionalAddress = Field(
        default=None,
        validation_alias="NEXT_PUBLIC_SUPABASE_URL",
        description="address of the Supabase project",
    )
    supabase_anon_key: OptionalSecret = Field(
        default=None,
        validation_alias="NEXT_PUBLIC_SUPABASE_ANON_KEY",
        description="the project's public key; only clients use it",
    )
    supabase_key: OptionalSecret = Field(
        default=None,
        validation_alias="SUPABASE_SERVICE_ROLE_KEY",
        description="the project's service_role key, which sees the private buckets",
    )
    cloudinary_url: OptionalSecret = Field(
        default=None, validation_alias="CLOUDINARY_URL", description="cloudinary://KEY:SECRET@CLOUD"
    )
    google_project: OptionalText = Field(
        default=None, validation_alias="GOOGLE_CLOUD_PROJECT", description="project whose Firestore is used"
    )
    compute: Literal["in-process", "modal"] | None = Field(
        default=None, description="where engines work; unset: on Modal in production, else in process"
    )
    worker: bool = Field(
        default=False,
        description="this process works for an orchestrator elsewhere; images of workers set it",
    )
    parallel: int = Field(default=16, ge=1, le=1000, description="batches in flight on Modal")
    modal_environment: OptionalText = Field(
        default=None,
        validation_alias="MODAL_ENVIRONMENT",
        description="environment of the Modal workspace; unset: its default one",
    )
    modal_token_id: OptionalSecret = Field(
        default=None, validation_alias="MODAL_TOKEN_ID", description="of a Modal token"
    )
    modal_token_secret: OptionalSecret = Field(
        default=None, validation_alias="MODAL_TOKEN_SECRET", description="of the same token"
    )
    dagster_postgres_url: OptionalDatabase = Field(
        default=None,
        validation_alias="DAGSTER_POSTGRES_URL",
        description="PostgreSQL database of Dagster's runs and schedules, instead of SQLite; a secret",
    )
