"""`fashion plan`, `status` and `why`: what should be there, what is, and why one outfit is or is not."""

from __future__ import annotations

from dataclasses import asdict

from rich.console import Group
from rich.markup import escape
from rich.panel import Panel

from fashion_assets.commands import costs, opening, retry, rollout, screens
from fashion_assets.commands.terminal import INCOMPLETE, OK, Terminal
from tryon.core import work
from tryon.core.budget import Spent
from tryon.core.coverage import Coverage, coverage
from tryon.core.explain import why as explain
from tryon.core.explanation import Cause, Explanation, Made
from tryon.core.pipeline import Pipeline
from tryon.core.recipes import Stage


def plan(terminal: Terminal) -> int:
    pipeline = opening.open_known(terminal.settings)
    _, rejected = pipeline.reconcile()
    found, prices, records = pipeline.plan(), pipeline.prices(), pipeline.records
    waiting = rollout.unconfirmed(pipeline)
    runs = len(list(work.chunks(found, records.users(), records.items(), pipeline.chunk_seconds)))
    money = costs.costs_of(terminal.settings, pipeline, found)
    facts = {
        **{name: getattr(found, name) for name in ("users", "items", "outfits", "published", "refused")},
        "to_make": found.to_make,
        "held": found.held,
        "quarantined": len(found.quarantined),
        "passes": {stage.value: found.passes[stage] for stage in Stage},
        "predicted_seconds": round(found.seconds(prices), 3),
        "predicted_usd": round(found.usd(prices), 6),
        "measured": sorted(stage.value for stage in prices.measured),
        "runs": runs,
        "spent_usd": asdict(spent(pipeline)),
        **money.facts(),
        "unconfirmed": rollout.facts(waiting, prices) if waiting else None,
        "rejected_uploads": screens.rejected_facts(rejected),
    }
    notice = rollout.notice(waiting, prices)
    shown = screens.plan(found, prices, runs)
    terminal.answer(facts, shown, costs.screen(money), notice, screens.rejected(rejected))
    return OK


def spent(pipeline: Pipeline) -> Spent:
    """Of all runs, of today and of all time; nothing where engine time costs nothing."""
    budget = pipeline.desk.budget
    return budget.spent() if budget else Spent()


def status(terminal: Terminal) -> int:
    """A report: what is missing is its content, not its failure."""
    pipeline = opening.open_known(terminal.settings)
    _, rejected = pipeline.reconcile()
    found = coverage(pipeline)
    consents = {
        user.id: {"version": user.consent_version, "at": user.consent_at} for user in pipeline.records.users()
    }
    facts = {
        **found.facts(),
        "consents": consents,
        "rejected_uploads": screens.rejected_facts(rejected),
    }
    terminal.answer(
        facts,
        screens.per_user(found),
        screens.totals(found),
        screens.runs(found),
        screens.refusals(found),
        screens.failures(found),
        retry.quarantine(found),
        screens.rejected(rejected),
        _next(found),
    )
    return OK


def _next(found: Coverage) -> str:
    if not found.open:
        return "Nothing is missing."
    first = "remove what made the last try fail (above), then " if found.failures.met else ""
    return f"{found.open} products have no verdict: {first}[bold]fashion pregenerate[/]"


def why(terminal: Terminal, user: str, outfit: str) -> int:
    """Not to be shown is exit code 1, so that a script can ask."""
    pipeline = opening.open_known(terminal.settings)
    pipeline.reconcile()
    found = explain(pipeline, user, outfit)
    terminal.answer(found.facts(), _screen(found))
    return OK if found.cause is Cause.PUBLISHED else INCOMPLETE


_HEADLINES = {
    Cause.PUBLISHED: ("green", "published: shoppers see it"),
    Cause.DAMAGED: ("red", "damaged: published, but the stored file cannot be used"),
    Cause.REFUSED: ("yellow", "refused: no image can truthfully be made"),
    Cause.INPUT_REFUSED: ("yellow", "will be refused: what it is made from was refused"),
    Cause.FAILED: ("red", "missing: the last try failed"),
    Cause.STALE: ("red", "stale: an older image exists, but what it was made from changed"),
    Cause.INPUT_MISSING: ("red", "missing: something it is made from is not there yet"),
    Cause.NOT_MADE: ("red", "missing: not generated yet"),
}
_NEXT = {
    Cause.REFUSED: "replace the photo that is named: fashion add-user or add-item with --replace",
    Cause.INPUT_REFUSED: "replace the photo that is named: fashion add-user or add-item with --replace",
    Cause.FAILED: "remove what the message names (fashion doctor looks for it), then fashion pregenerate",
}


def _screen(found: Explanation) -> screens.Screen:
    colour, headline = _HEADLINES[found.cause]
    product = found.look.product
    assert product.user, "a try-on belongs to a user"
    title = f"{product.user.id} in {product.name}"
    advice = _NEXT.get(found.cause, "fashion pregenerate")
    then = "" if found.cause is Cause.PUBLISHED else f"\n[bold]next:[/] {advice}"
    head = Panel(
        f"[bold {colour}]{headline}[/]\n{escape(found.reason)}{then}", title=escape(title), title_align="left"
    )
    return Group(
        head, screens.facts_table("Facts", _facts(found)), _inputs(found), _recipe(found), _events(found)
    )


def _facts(found: Explanation) -> dict[str, object]:
    look, record = found.look, found.look.record
    owner = look.product.item
    facts: dict[str, object] = {"key": f"{look.product.key} generation {look.product.generation}"}
    facts["owner pair"] = f"{found.facts()['user']} x {owner.id if owner else '-'}"
    if record:
        facts["run"] = record.run_id
        facts["decided at"] = screens.clock(record.published_at)
        facts["cost"] = f"{record.seconds:.3f} engine seconds, {record.cost_usd:.6f} USD"
    if look.verdict == "published" and record:
        facts["image"] = f"blobs/{record.path}"
    if found.stale:
        facts["older image"] = (
            f"blobs/{found.stale.record.path}, {screens.clock(found.stale.record.published_at)}"
        )
    facts["splat"] = _splat(found.splat)
    return facts


def _splat(splat: Made | None) -> str:
    if splat is None:
        return "none: only complete looks get one"
    if splat.verdict == "published" and splat.record:
        return f"published, {splat.record.facts.get('gaussians', '?')} Gaussians, blobs/{splat.record.path}"
    return f"{splat.verdict} {_reason(splat)}".strip()


def _reason(made: Made) -> str:
    """Why it was refused, or what went wrong the last time."""
    if made.failure is None:
        return made.reason
    return f"failed at {screens.clock(made.failure.timestamp)}: {screens.short(made.failure.message)}"


def _inputs(found: Explanation) -> screens.Screen:
    inputs = screens.table("Made from", "stage", "name", "verdict", "key", "reason")
    for made in found.inputs:
        product = made.product
        key = f"{product.key[:12]} generation {product.generation}"
        inputs.add_row(product.stage, product.name, made.verdict, key, escape(_reason(made)))
    return inputs


def _recipe(found: Explanation) -> screens.Screen:
    recipe = found.look.product.recipe
    method = recipe.method
    facts = {
        "engines": ", ".join(f"{name} {revision}" for name, revision in method.engines.items()),
        "parameters": ", ".join(f"{name} {value}" for name, value in method.parameters.items()),
        "seed, version": f"{method.seed}, {method.version}",
        "user's photo": f"sha256 {', '.join(recipe.uploads)}",
    }
    return screens.facts_table("Recipe", facts)


def _events(found: Explanation, shown: int = 8) -> screens.Screen:
    events = screens.table("Log", "position", "time", "event", "run", "message")
    for position, event in found.events[-shown:]:
        cells = (event.event.value, event.run_id[:8], escape(event.message))
        events.add_row(str(position), screens.clock(event.timestamp), *cells)
    return events if found.events else screens.NOTHING
