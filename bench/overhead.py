"""What the machinery costs beside the engines: a null engine through the real multi_asset, gate and records."""

import time

import dagster as dg

from bench.arena import Arena, arena, peak_rss_mb
from tryon.core.pipeline import Pipeline
from tryon.core.words import Outfit

NAIVE_SAMPLE = 10


def measure(users: int, tops: int, bottoms: int, naive: bool = True) -> dict[str, object]:
    """ms_per_outfit: wall time of everything after crops and masks, over all try-ons (their splats included)."""
    with arena(users, tops, bottoms) as place:
        place.operator.prepare()
        started = time.perf_counter()
        summary = place.operator.pregenerate()
        seconds = time.perf_counter() - started
        plan = place.pipeline.plan()
        assert plan.nothing and not summary.failed, f"the benchmark's own run failed: {summary.failed}"
        return {
            "outfits": plan.outfits,
            "runs": len(summary.runs),
            "ms_per_outfit": round(1000 * seconds / plan.outfits, 3),
            "rss_mb": peak_rss_mb(),
            "naive_ms_per_outfit": _naive(place) if naive else None,
        }


def _naive(place: Arena) -> float:
    """One Dagster run an outfit, which is how such pipelines are usually first written; sampled."""
    pipeline = place.pipeline
    wanted = pipeline.wanted()
    outfits = [outfit.id for outfit in wanted.matrix.outfits()][:NAIVE_SAMPLE]
    user = pipeline.records.users()[0].id

    @dg.asset(partitions_def=dg.StaticPartitionsDefinition(outfits))
    def one_outfit(context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]) -> None:
        outfit = Outfit.parse(context.partition_key)
        pipeline.make_one(user, outfit, context.run_id)

    started = time.perf_counter()
    for outfit in outfits:
        dg.materialize(
            [one_outfit],
            partition_key=outfit,
            instance=place.operator.instance,
            resources={"pipeline": pipeline},
            run_config={"loggers": {"console": {"config": {"log_level": "WARNING"}}}},
        )
    return round(1000 * (time.perf_counter() - started) / len(outfits), 1)
