"""The failure sensor evaluated on real failed runs, stored by a real Dagster instance."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from tenacity import wait_none

from bench.uploads import write_catalogue
from fashion_assets.operate import Operator, open_instance
from sensors.failures import AlertNotDelivered, failed_runs
from tests.dagster.dying_location import defs
from tests.dagster.failing_location import breaking_stages
from tests.receiver import PASSWORD, Receiver, listening
from tryon.core.stages.desk import Patience
from tryon.settings import Settings
from tryon.wiring import build

FAST = Patience(attempts=2, wait=wait_none())


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with open_instance(tmp_path) as found:
        yield found


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    with listening() as found:
        monkeypatch.setenv("FASHION_ALERT_WEBHOOK", found.address)
        yield found


def fail(instance: dg.DagsterInstance, job: str) -> str:
    """The id of a run of this job, which has failed."""
    ran = defs.resolve_job_def(job).execute_in_process(instance=instance, raise_on_error=False)
    assert not ran.success
    return ran.run_id


def evaluate(instance: dg.DagsterInstance, run_id: str) -> dg.SkipReason:
    run = instance.get_run_by_id(run_id)
    assert run
    (failure,) = instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.RUN_FAILURE).records
    event = failure.event_log_entry.get_dagster_event()
    context = dg.build_run_status_sensor_context("failed_runs", event, instance, run)
    answer = failed_runs(context.for_run_failure())
    assert isinstance(answer, dg.SkipReason)
    return answer


def test_the_failed_pairs_of_a_real_run(
    tmp_path: Path, instance: dg.DagsterInstance, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASHION_UI_URL", "https://dagster.example")
    write_catalogue(tmp_path / "uploads", users=2, tops=1, bottoms=1)
    pipeline = build(Settings(data=tmp_path), lambda event: None, breaking_stages, FAST)
    summary = Operator(pipeline, instance).pregenerate()
    (run_id,) = (run.run_id for run in instance.get_runs() if run.status == dg.DagsterRunStatus.FAILURE)
    evaluate(instance, run_id)
    (message,) = receiver.accepted
    assert message["failed"] == summary.failed
    assert set(message["failed"]) == {"b0000|u0001"}
    assert (message["run_id"], message["job"], message["failed_total"]) == (run_id, "pregenerate", 1)
    assert message["run_url"] == f"https://dagster.example/runs/{run_id}"
    assert message["text"].startswith("pregenerate failed: 1 partitions failed")
    assert "the GPU went away" in message["text"]


def test_another_error_is_told_as_it_was_raised_without_addresses(
    instance: dg.DagsterInstance, receiver: Receiver
) -> None:
    evaluate(instance, fail(instance, "raises_job"))
    (message,) = receiver.accepted
    assert message["reason"] == "step raises: RuntimeError: cannot read <address>"
    assert (message["failed"], message["failed_total"]) == ({}, 0)


DIED = "Run execution process was terminated by signal 9 (SIGKILL)"
TOO_LATE = "Run timed out due to taking longer than 300 seconds to start"


@pytest.mark.parametrize(("message", "reason"), [(None, DIED), (TOO_LATE, TOO_LATE)])
def test_a_run_that_others_marked_as_failed(
    instance: dg.DagsterInstance, receiver: Receiver, message: str | None, reason: str
) -> None:
    """Run monitoring and code servers end runs that cannot speak for themselves: what they saw is the reason."""
    run = instance.create_run_for_job(defs.resolve_job_def("works_job"))
    for seen in ("Launching the run", DIED):
        instance.report_engine_event(seen, run)
    instance.report_run_failed(run, message)
    instance.report_engine_event("Retrying the run", run)
    evaluate(instance, run.run_id)
    (told,) = receiver.accepted
    assert (told["reason"], told["will_retry"]) == (reason, True)


def test_without_a_webhook_the_tick_says_so(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FASHION_ALERT_WEBHOOK", raising=False)
    run_id = fail(instance, "raises_job")
    said = evaluate(instance, run_id).skip_message
    assert said
    assert "FASHION_ALERT_WEBHOOK is not set" in said
    assert run_id in said


@pytest.mark.parametrize("mode", ["500", "302"])
def test_what_the_webhook_does_not_take_fails_the_tick(
    instance: dg.DagsterInstance, receiver: Receiver, mode: str
) -> None:
    """With an error of Dagster's own kind: only such a tick is evaluated again (test_alerts_delivered.py)."""
    receiver.mode = mode
    with pytest.raises(AlertNotDelivered, match=mode) as raised:
        evaluate(instance, fail(instance, "raises_job"))
    assert isinstance(raised.value, dg.DagsterError)
    assert PASSWORD not in str(raised.value)


@pytest.mark.parametrize(("name", "value"), [("ALERT_WEBHOOK", "chat.example/hook"), ("THREADS", "0")])
def test_a_setting_that_cannot_work_keeps_the_alert_for_later(
    instance: dg.DagsterInstance, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"FASHION_{name}", value)
    with pytest.raises(AlertNotDelivered, match=name.lower() if name == "THREADS" else name):
        evaluate(instance, fail(instance, "raises_job"))
    assert receiver.posts == []
