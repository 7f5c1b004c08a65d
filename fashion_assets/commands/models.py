"""`fashion models`: the cache of published weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, TaskID, TextColumn, TransferSpeedColumn
from rich.progress import Progress as Bars

from fashion_assets.commands import opening, screens
from fashion_assets.commands.terminal import INCOMPLETE, OK, Terminal
from tryon.core.errors import FashionError
from tryon.core.models import Model
from tryon.engines import models as registry
from tryon.profiles.engines import needed_models
from tryon.stores.model_cache import State
from tryon.stores.models.digests import Progress

NOTHING_NEEDED = (
    "The chosen engines need no models: they ship with the project. Name some "
    "(`fashion models list` shows them), or set FASHION_PROFILE=workstation."
)


def pull(terminal: Terminal, ids: Sequence[str]) -> int:
    needed = needed_models(terminal.settings)
    models = registry.by_ids(ids, needed) if ids else needed
    cache = opening.open_models(terminal.settings)
    with _bars(terminal) as progress:
        wrong = _each(models, lambda model: cache.pull(model, progress))
    return _answer(terminal, "Pulled", models, wrong, NOTHING_NEEDED)


def verify(terminal: Terminal, ids: Sequence[str]) -> int:
    cache = opening.open_models(terminal.settings)
    needed = needed_models(terminal.settings)
    models = registry.by_ids(ids, needed) or tuple(
        model
        for model in registry.known(needed)
        if model in needed or cache.standing(model).state is not State.MISSING
    )
    with _bars(terminal) as progress:
        wrong = _each(models, lambda model: cache.verify(model, progress))
    return _answer(
        terminal, "Verified", models, wrong, f"No model is in {cache.root}, and the chosen engines need none."
    )


def _each(models: Sequence[Model], action: Callable[[Model], object]) -> dict[str, str]:
    """Id -> what went wrong; one that fails does not keep the others."""
    wrong = {}
    for model in models:
        try:
            action(model)
        except FashionError as error:
            wrong[model.id] = str(error)
    return wrong


def _answer(
    terminal: Terminal, title: str, models: Sequence[Model], wrong: dict[str, str], empty: str
) -> int:
    cache = opening.open_models(terminal.settings)
    found = screens.table(title, "model", "commit", "GB", "", numbers=["GB"])
    facts = []
    for model in models:
        standing, error = cache.standing(model), wrong.get(model.id)
        facts.append({"id": model.id, "commit": standing.commit, "bytes": standing.bytes, "error": error})
        state = f"[bold red]fail[/] {escape(error)}" if error else "[green]ok[/]"
        found.add_row(model.id, _short(standing.commit), _gigabytes(standing.bytes), state)
    folder = str(cache.root)
    terminal.answer({"ok": not wrong, "folder": folder, "models": facts}, found if models else escape(empty))
    return INCOMPLETE if wrong else OK


def list_models(terminal: Terminal) -> int:
    cache, wanted = opening.open_models(terminal.settings), needed_models(terminal.settings)
    columns = ("model", "is there", "GB", "commit", "licence", "commercial use", "needed")
    found = screens.table(f"Models in {cache.root}", *columns, numbers=["GB"])
    facts = []
    for model in registry.known(wanted):
        standing = cache.standing(model)
        size = standing.bytes if standing.state is State.COMPLETE else model.size
        facts.append(
            {
                "id": model.id,
                "state": standing.state.value,
                "bytes": size,
                "commit": standing.commit,
                "repo": model.repo,
                "revision": model.revision,
                "licence": model.licence,
                "commercial_use": model.commercial_use,
                "terms": model.terms,
                "needed": model in wanted,
                "said": standing.said,
            }
        )
        words = ("yes" if model.commercial_use else "[yellow]no[/]", "yes" if model in wanted else "no")
        found.add_row(
            model.id, standing.state, _gigabytes(size), _short(standing.commit), model.licence, *words
        )
    terminal.answer({"folder": str(cache.root), "models": facts}, found)
    return OK


@contextmanager
def _bars(terminal: Terminal) -> Iterator[Progress]:
    """One bar a file, on standard error."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    tasks: dict[tuple[str, str], TaskID] = {}
    with Bars(*columns, console=terminal.notes) as bars:

        def tell(model: str, file: str, done: int, total: int | None) -> None:
            if (model, file) not in tasks:
                tasks[model, file] = bars.add_task(escape(f"{model} {file}"), total=total)
            bars.update(tasks[model, file], completed=done, total=total)

        yield tell


def _short(commit: str | None) -> str:
    return commit[:12] if commit else "-"


def _gigabytes(size: int | None) -> str:
    return "?" if size is None else f"{size / 1e9:.2f}"
