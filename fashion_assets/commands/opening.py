"""Opening what a command works on. Heavy imports wait for the command that needs them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, redirect_stderr
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from tryon.core.errors import InvalidSetting
from tryon.settings import Profile, Settings
from tryon.settings.deployment import Deployment

if TYPE_CHECKING:
    from fashion_assets.operate import Operator
    from tryon.core.events import LogEvent
    from tryon.core.pipeline import Pipeline
    from tryon.stores.model_cache import ModelCache


def read_settings(data: Path | None, options: Mapping[str, Any] | None = None) -> Settings:
    """`data` goes before FASHION_DATA, and so does an option before its variable. Raises InvalidSetting
    naming the variable."""
    named = {**(options or {}), **({} if data is None else {"data": data})}
    try:
        settings = Settings(**named)
        if settings.on_modal:
            Deployment()
        return settings
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        fields = {
            str(f.validation_alias or f"FASHION_{n.upper()}"): f for n, f in Settings.model_fields.items()
        }
        variable = name if name in fields else f"FASHION_{name}"
        secret = variable in fields and "SecretStr" in repr(fields[variable])
        given = "" if secret else f"={first['input']!r}"
        where = f"{variable}{given}: " if name else ""
        raise InvalidSetting(f"{where}{first['msg'].removeprefix('Value error, ')}") from None


def silent(event: LogEvent) -> None:
    """The console of commands that make nothing."""


def open_pipeline(settings: Settings, console: Callable[[LogEvent], None] = silent) -> Pipeline:
    from tryon.wiring import build

    return build(settings, console)


def open_known(settings: Settings, console: Callable[[LogEvent], None] = silent) -> Pipeline:
    """The pipeline over a folder that is in use: a mistyped --data must not look like an empty catalogue. In production
    the catalogue is not in a folder."""
    if settings.profile is not Profile.PRODUCTION and not any(
        (settings.data / name).exists() for name in ("uploads", "fashion.sqlite")
    ):
        raise InvalidSetting(
            f"there are no uploads in {settings.data}; run `fashion demo`, add some with `fashion add-user` "
            "and `fashion add-item`, or name another folder with --data"
        )
    return open_pipeline(settings, console)


def for_folders_only(settings: Settings, command: str, instead: str) -> None:
    """Raises InvalidSetting in production, which keeps nothing in folders. instead: what to do there."""
    if settings.profile is Profile.PRODUCTION:
        raise InvalidSetting(
            f"`fashion {command}` works on local folders, and FASHION_PROFILE=production has none: {instead} "
            "(docs/production.md)"
        )


def open_models(settings: Settings) -> ModelCache:
    """The model cache with the hub that the settings name."""
    from tryon.stores.model_cache import ModelCache
    from tryon.stores.models.hub import Hub

    return ModelCache(settings.models, Hub(settings.hub, settings.hub_token, settings.hub_offline))


def dagster_log(settings: Settings) -> Path:
    return settings.data / "dagster" / "console.log"


@contextmanager
def open_operator(settings: Settings, pipeline: Pipeline, tell: Callable[[str], None]) -> Iterator[Operator]:
    """Who runs the Dagster jobs; importing Dagster takes a second or two.

    Dagster writes stack traces to stderr for what the summary says in one line; they go to a file.
    """
    from fashion_assets.operate import Operator, open_instance
    from fashion_assets.storage_errors import named_errors

    with named_errors(settings.data / "dagster"), ExitStack() as stack:
        instance = stack.enter_context(open_instance(settings.data, settings.dagster_postgres_url))
        file = stack.enter_context(dagster_log(settings).open("a"))
        stack.enter_context(redirect_stderr(file))
        yield Operator(pipeline, instance, tell)
