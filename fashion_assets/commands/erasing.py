"""`fashion erase-user`, `erase-item`, `erase-expired` and `verify-receipt`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NoReturn

import typer

from fashion_assets.commands import opening, screens
from fashion_assets.commands.terminal import INCOMPLETE, OK, Terminal
from tryon.core.erasure import upkeep
from tryon.core.erasure.erase import Eraser, preview
from tryon.core.erasure.receipts import Check, Receipt, check_receipt, file_name
from tryon.core.erasure.traces import Counts
from tryon.core.errors import BadInput
from tryon.core.pipeline import Pipeline
from tryon.core.uploads import UploadKind
from tryon.settings import Settings


def erase(terminal: Terminal, kind: UploadKind, upload_id: str, yes: bool) -> int:
    settings = terminal.settings
    pipeline = opening.open_known(settings)
    found = preview(pipeline, kind, upload_id)
    if any(found.values()) and not yes:
        _ask(terminal, f"{kind} {upload_id}", found)
    with _eraser(settings, pipeline) as eraser:
        receipt = eraser.erase(kind, upload_id)
    path = settings.data / "receipts" / file_name(receipt)
    terminal.answer(
        {"receipt": dict(receipt), "file": str(path)},
        screens.facts_table(f"{kind} {upload_id} is erased", _shown(receipt, path)),
    )
    return OK


def erase_expired(terminal: Terminal, sure: bool) -> int:
    settings = terminal.settings
    pipeline = opening.open_known(settings)
    with _eraser(settings, pipeline) as eraser:
        done = upkeep.erase_expired(eraser, sure)
    facts = {
        "erased": [dict(receipt) for receipt in done.receipts],
        "swept": [dict(receipt) for receipt in done.swept],
        "incomplete": done.incomplete,
    }
    lines = {
        "erased": ", ".join(f"{r['kind']} {r['id']}" for r in done.receipts) or "nothing was due",
        "swept": f"{len(done.swept)} erased before, of which a killed run had left something",
    }
    terminal.answer(
        facts, screens.facts_table("Upkeep", lines), screens.failed(done.incomplete, "Not complete")
    )
    return INCOMPLETE if done.incomplete else OK


def verify(terminal: Terminal, path: Path) -> int:
    from tryon.wiring import open_archive

    receipt, archive = _read(path), open_archive(terminal.settings)
    if not archive.has_key():
        raise BadInput(
            f"{terminal.settings.data} has no receipt.key and FASHION_RECEIPT_KEY is not set; name the folder "
            "that the receipt comes from with --data"
        )
    check = check_receipt(receipt, archive.key())
    terminal.answer({"receipt": str(path), "verdict": check.value}, f"{path.name}: {_VERDICTS[check]}")
    return OK if check is Check.VALID else INCOMPLETE


_VERDICTS = {
    Check.VALID: "[green]valid[/]: written by this pipeline, and not changed since",
    Check.ALTERED: "[bold red]altered[/]: it was changed after it was signed, or never was signed by us",
    Check.OTHER_KEY: "[bold red]other key[/]: signed with another key than this folder's; verify it with that one",
}


@contextmanager
def _eraser(settings: Settings, pipeline: Pipeline) -> Iterator[Eraser]:
    from fashion_assets.partitions import forget_partition
    from tryon.wiring import open_archive

    with opening.open_operator(settings, pipeline, lambda line: None) as operator:
        yield Eraser(pipeline, open_archive(settings), partial(forget_partition, operator.instance))


def _ask(terminal: Terminal, what: str, found: Counts) -> None:
    """Raises BadInput where nobody can answer, and Abort when the answer is no."""
    counts = ", ".join(f"{count} in {store}" for store, count in found.items() if count)
    if not is_terminal():
        raise BadInput(
            f"{what} would be erased for good ({counts}); add --yes, since there is no terminal to ask on"
        )
    terminal.notes.print(f"{what} will be erased for good: {counts}. There is no way back.")
    typer.confirm("Erase?", abort=True, err=True)


def is_terminal() -> bool:
    return sys.stdin.isatty()


def _shown(receipt: Receipt, path: Path) -> dict[str, object]:
    counts = receipt["counts"]
    assert isinstance(counts, dict), "a receipt counts what each store held"
    found = {name: receipt[name] for name in ("number", "ordinal", "buried_at", "erased_at")}
    found["erased"] = (
        ", ".join(f"{count} in {store}" for store, count in counts.items() if count) or "nothing"
    )
    return {**found, "verified": "every store was listed again: nothing is left", "receipt": path}


def _read(path: Path) -> Receipt:
    try:
        found = json.loads(path.read_text(), parse_constant=_no_constant)
    except ValueError:
        found = None
    if not isinstance(found, dict) or "signature" not in found:
        raise BadInput(f"{path} is no receipt: it should be one JSON object with a signature")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
