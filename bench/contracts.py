"""schemathesis on the schema of each running service: what fits the schema and what does not, and calls that follow
from each other where answers name what others ask for. No answer may be an error of the server, or another than the
schema says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench import hostile
from bench.house import opened, stocked
from bench.shelf import Shelf, standing

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "use_after_free",
    "ensure_resource_availability",
)
"""Without those that ask for 2xx for whatever fits the schema: random bytes fit the schema of a picture."""
ALL = ("examples", "coverage", "fuzzing", "stateful")
ENDLESS = "stream_logs"
"""The operation whose answer has no end; it has tests of its own."""
SEED = 7


def examine(
    urls: Mapping[str, str], shelf: Shelf, examples: int, phases: Sequence[str] = ALL
) -> dict[str, Any]:
    """schemathesis's own report of each service, by its name. examples: of each operation."""
    picture = shelf.put("person.jpg", hostile.real("JPEG"))
    known = {"SCHEMATHESIS_HOOKS": "bench.fuzz_hooks", "FUZZ_PICTURE": picture}
    with TemporaryDirectory() as folder:
        reports = {name: Path(folder) / f"{name}.json" for name in urls}
        runs = [
            [
                "run",
                f"{url}/openapi.json",
                *_options(examples, phases),
                "--report-json-path",
                str(reports[name]),
            ]
            for name, url in urls.items()
        ]
        asked = Path(folder) / "runs.json"
        asked.write_text(json.dumps(runs))
        command = [sys.executable, "-m", "bench.contracts_child", str(asked)]
        ran = subprocess.run(
            command, cwd=folder, env={**os.environ, **known}, capture_output=True, check=False
        )
        assert ran.returncode == 0, ran.stderr.decode(errors="replace")[-2000:]
        return {name: json.loads(report.read_text()) for name, report in reports.items()}


def _options(examples: int, phases: Sequence[str]) -> list[str]:
    """A slow machine is no finding, and failures are read, not shrunk."""
    return [
        *("--max-examples", str(examples), "--phases", ",".join(phases), "--checks", ",".join(CHECKS)),
        *("--seed", str(SEED), "--exclude-operation-id", ENDLESS, "--request-timeout", "60"),
        *("--suppress-health-check", "all", "--warnings", "off", "--no-shrink", "--continue-on-failure"),
    ]


def wrong(report: Mapping[str, Any]) -> list[str]:
    """One sentence for each failure or error; empty when all is well and everything was tested."""
    found = [json.dumps(failure)[:300] for failure in (*report["failures"], *report["errors"])]
    operations = report["operations"]
    if operations["tested"] < operations["selected"]:
        found.append(f"only {operations['tested']} of {operations['selected']} operations were tested")
    return found


def measure(examples: int) -> dict[str, object]:
    with TemporaryDirectory() as folder, standing() as shelf:
        data = Path(folder) / "data"
        stocked(data, ["u1"], ["tee-sun", "jeans-blue"])
        with opened(data, {"FASHION_FETCH_ALLOWED": shelf.place, "FASHION_WAITING": "16"}) as house:
            reports = examine(house.urls, shelf, examples)
            said = [text for report in reports.values() for text in wrong(report)]
            return {
                "cases": sum(report["test_cases"]["generated"] for report in reports.values()),
                "wrong": len(said),
                "alive": house.healthy(),
                "services": {name: report["test_cases"]["generated"] for name, report in reports.items()},
                "said": said[:10],
            }
