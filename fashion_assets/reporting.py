"""From a tally to Dagster: one explicit event a partition, one log line a batch, one Failure at the end.

Metadata carries counts, reasons and a link: events cannot be erased, so no image, digest or personal data. What the
link shows is decided when somebody looks, by asking the records.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256

import dagster as dg

from tryon.core.pictures import Place
from tryon.core.stages.tally import Entry, Tally
from tryon.stores.holders import lease_holder

DATA_VERSION = "dagster/data_version"
PROCESS = "fashion/process"
"""Run tag that names the process which works on the run: Dagster itself does not notice when it dies."""
Metadata = dict[str, dg.MetadataValue | int | float | str]


class Reporter:
    """Collects the partitions that failed, so that the run can fail once, after everything else was done."""

    def __init__(self, context: dg.AssetExecutionContext, engines: str, pictures_url: str) -> None:
        self._context, self._engines, self._pictures_url = context, engines, pictures_url
        self.failed: dict[str, str] = {}
        self.stopped: Exception | None = None
        context.instance.add_run_tags(context.run.run_id, {PROCESS: lease_holder()})

    def report(self, asset: dg.AssetKey, groups: Mapping[str, Sequence[Entry]], tally: Tally) -> None:
        """groups: entries by partition key; a partition with a failed entry gets no materialization."""
        self.stopped = self.stopped or tally.stopped
        for partition, entries in groups.items():
            broken = next((entry for entry in entries if entry.record is None), None)
            if broken:
                self.fail(asset, partition, broken.product.name, broken.message)
            else:
                metadata = {**_numbers(entries), "engine": self._engines, **_texts(entries)}
                metadata |= _picture(asset, entries, self._pictures_url)
                self._context.log_event(_materialization(asset, partition, entries, metadata))
        self._context.log.info(
            f"{asset.to_user_string()}: {len(groups)} partitions, {tally.made} made, {len(tally.refused)} refused, "
            f"{len(tally.failed)} failed, {tally.engine_calls} engine passes in {tally.seconds:.1f} s"
        )

    def fail(self, asset: dg.AssetKey, partition: str, name: str, message: str) -> None:
        line = f"{asset.to_user_string()} {name}: {message}"
        self.failed.setdefault(partition, line)
        self._context.log.error(f"[{partition}] {line}")

    def stop(self, asset: dg.AssetKey, partitions: Iterable[str], error: Exception) -> None:
        """Nothing can be stored, or a budget is spent: these partitions were not tried any more."""
        self.stopped = error
        for partition in partitions:
            self.failed.setdefault(partition, f"{asset.to_user_string()}: {type(error).__name__}: {error}")

    def finish(self) -> None:
        """Raise one Failure that names every failed partition; the run was already retried inside."""
        if self.failed:
            raise dg.Failure(
                f"{len(self.failed)} partitions failed; run them again from the backfill page or `fashion pregenerate`",
                metadata={"failed": dg.MetadataValue.json(self.failed)},
                allow_retries=False,
            ) from self.stopped


def _materialization(
    asset: dg.AssetKey, partition: str, entries: Sequence[Entry], metadata: Metadata
) -> dg.AssetMaterialization:
    return dg.AssetMaterialization(
        asset, partition=partition, metadata=metadata, tags={DATA_VERSION: _version(records_tokens(entries))}
    )


def _numbers(entries: Sequence[Entry]) -> dict[str, int | float]:
    """What Dagster plots over partitions and time; a plot needs each name to keep its type."""
    records = [entry.record for entry in entries if entry.record]
    refused = sum(entry.refusal is not None for entry in entries)
    return {
        "published": len(records) - refused,
        "refused": refused,
        "seconds": round(sum((record.seconds for record in records), 0.0), 3),
        "cost_usd": round(sum((record.cost_usd for record in records), 0.0), 6),
    }


def _texts(entries: Sequence[Entry]) -> Metadata:
    lines = [f"- {entry.product.name}: {entry.refusal.message}" for entry in entries if entry.refusal]
    return {"refusals": dg.MetadataValue.md("\n".join(lines))} if lines else {}


def _picture(asset: dg.AssetKey, entries: Sequence[Entry], url: str) -> Metadata:
    """An image that Dagster's UI loads from the picture service; nothing published, no link."""
    shown = next((entry.product for entry in entries if entry.record and not entry.refusal), None)
    if shown is None:
        return {}
    user, item = shown.user.id if shown.user else None, shown.item.id if shown.item else None
    place = Place(asset.to_user_string(), user, item)
    return {"pictures": dg.MetadataValue.md(f"![{place.asset}]({url}{place.path})")}


def records_tokens(entries: Sequence[Entry]) -> list[str]:
    return sorted(entry.record.token for entry in entries if entry.record)


def _version(tokens: Sequence[str]) -> str:
    """Changes exactly when one of the partition's records does, and says nothing about the photos."""
    return sha256("".join(tokens).encode()).hexdigest()[:16]


def failed_partitions(event: dg.DagsterEvent) -> dict[str, str]:
    """Partition -> reason, as `Reporter.finish` put them into a step's failure; {} where something else raised."""
    failure = event.step_failure_data
    metadata = failure.user_failure_data.metadata if failure.user_failure_data else {}
    named = metadata["failed"].value if "failed" in metadata else None
    if not isinstance(named, dict):
        return {}
    return {str(partition): str(reason) for partition, reason in named.items()}
