"""Where a command's answer goes: screens or one JSON object; errors as one line and an exit code."""

from __future__ import annotations

import errno
import json
import sqlite3
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from rich.console import Console, RenderableType
from rich.markup import escape

from fashion_assets.commands.opening import read_settings
from tryon.core.errors import BadInput, FashionError
from tryon.settings import Settings

OK, INCOMPLETE, BAD_USE = 0, 1, 2
STOPPED = 130
"""What shells expect of a program that was ended by Ctrl-C."""
PLAIN_WIDTH = 120
"""Columns where no terminal says how wide it is (a log file, a pipe): wide enough for an outfit's id."""


_ADVICE = {
    errno.ENOSPC: "the disk is full: free some space and run it again, nothing is half published",
    errno.EROFS: "the disk is read-only: name another folder with --data",
    errno.EACCES: "give this user permission, or name another folder with --data",
}


@dataclass
class Terminal:
    """as_json: standard output gets exactly one JSON object. notes: the console of stderr."""

    data: Path | None = None
    as_json: bool = False

    @property
    def settings(self) -> Settings:
        return read_settings(self.data)

    @property
    def notes(self) -> Console:
        return _console(stderr=True)

    def answer(self, facts: Mapping[str, object], *screens: RenderableType) -> None:
        if self.as_json:
            typer.echo(json.dumps(facts, indent=2))
            return
        console = _console(stderr=False)
        for screen in screens:
            if screen:
                console.print(screen)

    def fail(self, error: Exception) -> None:
        """One line: what was wrong and what to do."""
        message = " ".join(str(error).split())
        if self.as_json:
            typer.echo(json.dumps({"error": {"code": _code(error), "message": message}}))
        else:
            self.notes.print(f"[bold red]error:[/] {escape(message)}", soft_wrap=True, highlight=False)


def _console(stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    # The stream of now: while Dagster runs, sys.stderr is a file.
    return Console(file=stream, width=None if stream.isatty() else PLAIN_WIDTH)


def _code(error: Exception) -> str:
    """InvalidId -> invalid_id."""
    name = type(error).__name__
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


class Guarded(typer.core.TyperGroup):
    """The one place where errors become exit codes. What is not foreseen here keeps its traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except BadInput as error:
            raise self._exit(ctx, error, BAD_USE) from None
        except KeyboardInterrupt:
            said = FashionError("stopped; what was published stays, and the same command goes on from there")
            raise self._exit(ctx, said, STOPPED) from None
        except FashionError as error:
            raise self._exit(ctx, error, INCOMPLETE) from None
        except sqlite3.Error as error:
            said = FashionError(f"the database cannot be used ({error}); run `fashion doctor`")
            raise self._exit(ctx, said, INCOMPLETE) from None
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise
            said = FashionError(f"{error}; {_ADVICE.get(error.errno or 0, 'run `fashion doctor`')}")
            raise self._exit(ctx, said, INCOMPLETE) from None

    def _exit(self, ctx: Any, error: Exception, code: int) -> typer.Exit:
        terminal = ctx.obj if isinstance(ctx.obj, Terminal) else Terminal()
        terminal.fail(error)
        return typer.Exit(code)
