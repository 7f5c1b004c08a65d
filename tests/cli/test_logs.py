"""`logs`: the durable log, once and as it grows."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

from tests.cli.conftest import Fashion
from tryon.core.events import EventKind, LogEvent

ROOT = Path(__file__).parents[2]


def positions(text: str) -> list[int]:
    return [json.loads(line)["position"] for line in text.splitlines()]


def test_the_newest_events(made: Fashion) -> None:
    everything = positions(made("logs", "--json", "--limit", 0).out)
    assert everything == list(range(1, len(everything) + 1))
    assert positions(made("logs", "--json", "--limit", 3).out) == everything[-3:]


def test_after_a_position_oldest_first(made: Fashion) -> None:
    assert positions(made("logs", "--json", "--after", 4, "--limit", 2).out) == [5, 6]


def test_of_one_user(made: Fashion) -> None:
    lines = made("logs", "--json", "--user", "tiny", "--limit", 0).out.splitlines()
    assert {json.loads(line)["user_id"] for line in lines} == {"tiny"}


def test_short_lines_for_people(made: Fashion) -> None:
    answer = made("logs", "--user", "u1", "--limit", 1)
    assert (answer.code, len(answer.out.splitlines())) == (0, 1)
    assert "u1 export data.json finished" in answer.out


def _event(number: int) -> LogEvent:
    return LogEvent(
        "2026-11-01T09:00:00Z",
        "u1",
        None,
        "test",
        f"step {number}",
        EventKind.FINISHED,
        "run",
        None,
        1.0,
        "done",
    )


def test_following_another_process_loses_and_doubles_nothing(fashion: Fashion) -> None:
    log = fashion.pipeline.log
    last = positions(fashion("logs", "--json", "--limit", 1).out)[0]
    command = [sys.executable, "-m", "tests.cli.null_fashion", "--data", str(fashion.data)]
    follow = ["logs", "--follow", "--json", "--after", str(last)]
    with subprocess.Popen([*command, *follow], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        steps = []
        for number in range(30):
            log.append([_event(2 * number), _event(2 * number + 1)])
            steps += (
                [json.loads(process.stdout.readline())["step"] for _ in range(2)] if number % 10 == 9 else []
            )
        steps += [json.loads(process.stdout.readline())["step"] for _ in range(60 - len(steps))]
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
    assert steps == [f"step {number}" for number in range(60)]
    assert (rest, process.returncode) == ("", 0)
