"""`python -m bench NAME --json`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated
from zipfile import BadZipFile

import typer
from rich.console import Console

app = typer.Typer(add_completion=False, help=__doc__, no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="print one JSON object as the last line")]


People = Annotated[int | None, typer.Option(help="only so many of the sample people")]


def _show(figures: dict[str, object], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(figures))
    else:
        Console().print(figures)


@contextmanager
def _reading(case: Path) -> Iterator[None]:
    """A file of something else is bad use."""
    try:
        yield
    except (KeyError, BadZipFile, FileNotFoundError) as error:
        raise typer.BadParameter(f"{case} is no case of this benchmark: {error}") from error


@app.command()
def overhead(
    users: int = 23, tops: int = 20, bottoms: int = 20, naive: bool = True, as_json: Json = False
) -> None:
    """Milliseconds of machinery per outfit, with a null engine."""
    from bench.overhead import measure

    _show(measure(users, tops, bottoms, naive), as_json)


@app.command()
def rerun(users: int = 23, tops: int = 20, bottoms: int = 20, as_json: Json = False) -> None:
    """The same matrix a second time, by command line and as a backfill of everything."""
    from bench.rerun import measure

    _show(measure(users, tops, bottoms), as_json)


@app.command()
def incremental(users: int = 4, tops: int = 5, bottoms: int = 5, as_json: Json = False) -> None:
    """One changed photo: what is made again."""
    from bench.incremental import measure

    _show(measure(users, tops, bottoms), as_json)


@app.command()
def plan(outfits: int = 1_000_000, as_json: Json = False) -> None:
    """Planning a very large matrix."""
    from bench.planning import measure

    _show(measure(outfits), as_json)


@app.command()
def crash(
    kills: int = 200, matrix: str = "crash-3x4", dagster_kills: int = 10, as_json: Json = False
) -> None:
    """SIGKILL at random instants and at every durable boundary; resume; compare with an undisturbed run."""
    from bench.crash import measure

    _show(measure(matrix, kills, dagster_kills), as_json)


@app.command()
def faults(as_json: Json = False) -> None:
    """Stores that raise, time out, lie or cut off bytes: a share of all calls, then exactly each call of a run."""
    from bench.faults import measure

    _show(measure(), as_json)


@app.command()
def writers(
    processes: int = 8, users: int = 20, tops: int = 6, bottoms: int = 6, as_json: Json = False
) -> None:
    """Several processes fill one matrix at once."""
    from bench.writers import measure

    _show(measure(processes, users, tops, bottoms), as_json)


@app.command()
def uploads(
    uploads: int = 1000, users: int = 290, worn: int = 4, kills: int = 30, as_json: Json = False
) -> None:
    """A burst of uploads between two ticks, ticks killed at random: none may be lost."""
    from bench.uploads_burst import measure

    _show(measure(uploads, users, worn, kills), as_json)


@app.command("ply-parity")
def ply_parity(
    inputs: Annotated[Path, typer.Option(help="arrays of Gaussians, *_inputs.npz")],
    reference: Annotated[Path, typer.Option(help="the PLY that ml-sharp wrote of them")],
    as_json: Json = False,
) -> None:
    """Our PLY in ml-sharp's layout against the file it wrote itself."""
    from bench.ply_parity import measure

    with _reading(inputs):
        _show(measure(inputs, reference), as_json)


@app.command()
def ply(gaussians: int = 1_179_648, repeats: int = 5, as_json: Json = False) -> None:
    """Seconds to write a splat of SHARP's full size, and to read it with another library."""
    from bench.ply import measure

    _show(measure(gaussians, repeats), as_json)


@app.command()
def parity(
    case: Annotated[Path, typer.Option(help="the .npz file")],
    weights: Annotated[Path, typer.Option(help="folder of base, vae and attn")],
    as_json: Json = False,
) -> None:
    """A stored result of the published try-on against ours, on the same weights and random numbers."""
    from bench.parity import measure

    with _reading(case):
        _show(measure(case, weights), as_json)


@app.command()
def crops(images: int = 64, shortest: int = 480, longest: int = 800, as_json: Json = False) -> None:
    """The neural detector at full size with random weights: failures, seconds and memory, a photo at a time."""
    from bench.crops import measure

    _show(measure(images, shortest, longest), as_json)


@app.command()
def tryon(
    persons: int = 2,
    garments: int = 8,
    steps: int = 8,
    width: int = 64,
    height: int = 64,
    batch: int = 8,
    as_json: Json = False,
) -> None:
    """CatVTON's batches against a server of single requests; the options are for a machine without a GPU."""
    from bench.tryon import measure

    _show(measure(persons, garments, steps, width, height, batch), as_json)


@app.command()
def masks(
    images: int = 5,
    width: int = 1536,
    height: int = 2048,
    lip: bool = True,
    threads: int | None = None,
    as_json: Json = False,
) -> None:
    """The body parser on nets of the published shapes, beside the nets alone."""
    from bench.masks import measure

    _show(measure(images, width, height, lip, threads), as_json)


@app.command()
def inflight(batches: int = 10_000, bound: int = 16, kills: int = 50, as_json: Json = False) -> None:
    """Batches on workers elsewhere, while the orchestrator is killed again and again."""
    from bench.inflight import measure

    _show(measure(batches, bound, kills), as_json)


@app.command()
def cloud(
    users: Annotated[int | None, typer.Option(help="of the sample people")] = None, as_json: Json = False
) -> None:
    """The sample catalogue through the stores of the production profile, which fail now and then."""
    from bench.cloud import RATES, measure

    _show(measure(RATES, users), as_json)


@app.command("firestore-log")
def firestore_log(events: int = 20_000, batch: int = 20, outage: float = 30.0, as_json: Json = False) -> None:
    """Log events through the outbox into Firestore's emulator, with a kill -9 and an outage on the way."""
    from bench.firestore_log import measure

    _show(measure(events, batch, outage), as_json)


@app.command()
def lookup(users: int = 100, garments: int = 99, seconds: int = 30, as_json: Json = False) -> None:
    """Outfits through HTTP, out of a million in SQLite."""
    from bench.lookup import measure

    _show(measure(users, garments, seconds), as_json)


@app.command()
def serve(
    seconds: Annotated[float, typer.Option(help="on each service")] = 30.0, as_json: Json = False
) -> None:
    """The services with the sample engines and 8 clients each: right answers, and health while they are busy."""
    from bench.serve import measure

    _show(measure(seconds), as_json)


@app.command()
def fuzz(mutations: int = 10_000, as_json: Json = False) -> None:
    """Polyglots, bombs, cut off and mutated pictures through the doors of the services."""
    from bench.fuzz import measure

    _show(measure(mutations), as_json)


@app.command()
def contracts(
    examples: Annotated[int, typer.Option(help="of each operation")] = 100, as_json: Json = False
) -> None:
    """schemathesis, every phase, on the schema of each service with the sample engines."""
    from bench.contracts import measure

    _show(measure(examples), as_json)


@app.command()
def evaluate(
    tuning: Annotated[bool, typer.Option(help="the set for engineers, not the published one")] = False,
    only: Annotated[str, typer.Option(help="figures, with commas between; the others are left out")] = "",
    workers: Annotated[int | None, typer.Option(help="processes; two, if there are two cores")] = None,
    as_json: Json = False,
) -> None:
    """How good the sample engines are, on renders of people and garments that they never saw."""
    from bench.evaluate.command import measure

    _show(measure(tuning, only, workers), as_json)


@app.command()
def gallery(as_json: Json = False) -> None:
    """Write docs/gallery.md and its pictures: the sample catalogue through the sample engines."""
    from bench.gallery.write import write

    _show({"written": [str(path) for path in write()]}, as_json)


@app.command("all")
def everything(as_json: Json = False) -> None:
    """Every benchmark with its published parameters."""
    overhead(as_json=as_json)
    rerun(as_json=as_json)
    incremental(as_json=as_json)
    plan(as_json=as_json)
    crash(as_json=as_json)
    faults(as_json=as_json)
    writers(as_json=as_json)
    uploads(as_json=as_json)
    ply(as_json=as_json)
    crops(as_json=as_json)
    tryon(as_json=as_json)
    masks(as_json=as_json)
    firestore_log(as_json=as_json)
    inflight(as_json=as_json)
    cloud(as_json=as_json)
    lookup(as_json=as_json)
    serve(as_json=as_json)
    fuzz(as_json=as_json)
    contracts(as_json=as_json)


if __name__ == "__main__":
    app()
