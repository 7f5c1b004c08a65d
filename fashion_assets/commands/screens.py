"""Screens for people: tables and panels. Everything here is also in the JSON answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from tryon.core.coverage import Counts, Coverage
from tryon.core.recipes import Stage
from tryon.core.uploads import Rejected
from tryon.core.work import Plan, Prices

Screen = RenderableType
SHOWN = 20
"""Lines of a list before it says how many more there are."""
NOTHING = ""


def group(*parts: Screen) -> Screen:
    """One below the other, without those that say nothing."""
    return Group(*(part for part in parts if part))


def table(title: str, *columns: str, numbers: Sequence[str] = ()) -> Table:
    """numbers: the columns that are right-aligned."""
    found = Table(title=title, title_justify="left", title_style="bold", header_style="bold")
    for column in columns:
        found.add_column(column, justify="right" if column in numbers else "left", overflow="fold")
    return found


def facts_table(title: str, facts: Mapping[str, object]) -> Table:
    """Two columns, a name and a value."""
    found = Table(title=title, title_justify="left", title_style="bold", show_header=False)
    found.add_column(style="bold", no_wrap=True)
    found.add_column(overflow="fold")
    for name, value in facts.items():
        found.add_row(name, escape(str(value)))
    return found


_COUNTS = ("wanted", "published", "refused", "stale", "missing")


def per_user(coverage: Coverage) -> Screen:
    columns = (*_COUNTS, "splats", "next release")
    found = table("Try-ons of each user", "user", *columns, numbers=columns)
    for user in coverage.users:
        splats = f"{user.splats.published} of {user.splats.wanted}"
        rollout = (
            f"{user.rollout.wanted - user.rollout.open} of {user.rollout.wanted}" if user.rollout else "-"
        )
        found.add_row(user.user, *_cells(user.tryons), splats, rollout)
    return found


def totals(coverage: Coverage) -> Screen:
    found = table("Products", "stage", *_COUNTS, numbers=_COUNTS)
    for name in ("crops", "masks", "tryons", "splats"):
        found.add_row(name, *_cells(getattr(coverage, name)))
    return found


def _cells(counts: Counts) -> list[str]:
    """What is open stands out."""
    cells = [str(value) for value in counts.values()]
    styles = ("", "green", "yellow", "red", "red")
    return [
        f"[{style}]{cell}[/]" if style and cell != "0" else cell
        for style, cell in zip(styles, cells, strict=True)
    ]


def refusals(coverage: Coverage) -> Screen:
    """The reasons to look at; what merely follows from them is counted."""
    if not coverage.refusals:
        return NOTHING
    found = table(f"Refused ({len(coverage.refusals)})", "user", "what", "reason")
    reasons = _by_reason(coverage)
    for (user, message), names in list(reasons.items())[:SHOWN]:
        what = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
        found.add_row(user, what, escape(message))
    lines: list[Screen] = [more(len(reasons))]
    follow = len(coverage.refusals) - len(coverage.roots)
    if follow:
        lines.append(Text(f"Products refused because they are made from one of these: {follow}"))
    return group(found, *lines)


def _by_reason(coverage: Coverage) -> dict[tuple[str, str], list[str]]:
    """(user, reason) -> what was refused for it: all masks of a photo share one reason."""
    found: dict[tuple[str, str], list[str]] = {}
    for refusal in coverage.roots:
        what = f"{refusal.stage} {refusal.name}"
        found.setdefault((refusal.user or "-", refusal.message), []).append(what)
    return found


def runs(coverage: Coverage, shown: int = 5) -> Screen:
    numbers = ("published", "refused", "engine seconds")
    found = table("Last runs that published something", "run", "finished", *numbers, numbers=numbers)
    for run in coverage.runs[:shown]:
        found.add_row(
            run.run_id, clock(run.finished_at), str(run.published), str(run.refused), f"{run.seconds:.1f}"
        )
    return found if coverage.runs else NOTHING


def failures(coverage: Coverage) -> Screen:
    """The last ones, by reason: what has to be removed before another run can do better."""
    reasons = coverage.failures.grouped()
    if not reasons:
        return NOTHING
    found = table("Failed the last time", "products", "last", "run", "reason", numbers=["products"])
    for failure in reasons[:SHOWN]:
        cells = (clock(failure.at), failure.run_id[:8], escape(short(failure.message)))
        found.add_row(str(failure.products), *cells)
    return group(found, more(len(reasons)))


def failed(reasons: Mapping[str, str], title: str, then: str = "") -> Screen:
    if not reasons:
        return NOTHING
    found = table(title, "what", "reason")
    for partition, reason in list(reasons.items())[:SHOWN]:
        found.add_row(partition, escape(short(reason)))
    return group(found, more(len(reasons)), then)


def short(reason: str) -> str:
    """A stack trace begins with what broke and ends with where; --json has all of it."""
    lines = reason.strip().splitlines() or [""]
    return lines[0] if len(lines) == 1 else f"{lines[0]} ... {lines[-1].strip()}"


def rejected(uploads: Sequence[Rejected]) -> Screen:
    if not uploads:
        return NOTHING
    found = table(f"Uploads that were not accepted ({len(uploads)})", "kind", "id", "reason")
    for upload in uploads[:SHOWN]:
        found.add_row(upload.kind, upload.id, escape(upload.reason))
    return group(found, more(len(uploads)))


def rejected_facts(uploads: Sequence[Rejected]) -> list[dict[str, str]]:
    return [{"kind": upload.kind.value, "id": upload.id, "reason": upload.reason} for upload in uploads]


def more(count: int) -> Screen:
    return Text(f"... and {count - SHOWN} more; --json lists all") if count > SHOWN else NOTHING


def work_done(facts: Mapping[str, object]) -> Screen:
    started = facts["runs"]
    assert isinstance(started, list)
    if not started:
        return Text("Everything is there already: no run was started.", style="green")
    return Text(f"{len(started)} runs, {facts['engine_calls']} engine passes, {facts['seconds']} s")


def plan(found: Plan, prices: Prices, chunks: int) -> Screen:
    numbers = ("passes", "seconds each", "seconds", "USD")
    work = table("Engine passes to run", "stage", *numbers, "seconds are", numbers=numbers)
    for stage in Stage:
        count, each = found.passes[stage], prices.seconds(stage)
        history = prices.measured.get(stage)
        source = f"measured over {history.passes} passes" if history and history.passes else "declared"
        cost = f"{count * prices.usd(stage):.4f}"
        work.add_row(stage, str(count), f"{each:.3f}", f"{count * each:.1f}", cost, source)
    made = f"{found.published} published, {found.refused} refused, {found.to_make} to make"
    price = f"{found.seconds(prices):.0f} engine seconds, {found.usd(prices):.4f} USD"
    words = {
        "users x items": f"{found.users} x {found.items}",
        "outfits": f"{found.outfits}: {made}" + (f", {found.held} held" if found.held else ""),
        "predicted": f"{price}, in {chunks} runs of pairs",
        "next": _next(found),
    }
    return Group(facts_table("Plan", words), work)


def _next(found: Plan) -> str:
    if not found.nothing:
        return "fashion pregenerate"
    return "fashion rollout" if found.unconfirmed else "nothing to do"


def clock(timestamp: str) -> str:
    """2026-11-01T09:00:00.123456Z -> 2026-11-01 09:00:00Z."""
    return f"{timestamp[:10]} {timestamp[11:19]}Z" if timestamp else "-"
