"""`python -m bench masks` on tiny nets, and the shapes of the real ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.masks import measure
from bench.null_engines import figure
from bench.parser_nets.files import count
from bench.parser_nets.script import Person
from tests.engines.human_parser_tiny import write_tiny


@pytest.mark.parametrize(
    ("net", "parameters", "gflop"),
    [("yolox_l", 54.2, 155.3), ("dwpose_l", 33.6, 20.1), ("atr", 66.7, 174.8), ("lip", 66.7, 153.0)],
)
def test_the_nets_have_the_published_sizes(net: str, parameters: float, gflop: float) -> None:
    """YOLOX-L: its paper's table 1. DWPose-L: 10.07 GMAC, RTMPose's table; its file has 134 MB. SCHP: its ONNX files
    have 267 MB; arithmetic by the shapes of ResNet-101 at a stride of 16."""
    found = count()[net]
    assert found[0] == pytest.approx(parameters, abs=0.1)
    assert found[1] == pytest.approx(gflop, abs=0.2)


def write(root: Path, width: int, height: int) -> dict[str, float]:
    write_tiny(root, Person.of(figure(width, height)))
    return {"tiny": 0.1}


def test_the_engine_and_the_bare_nets_are_measured_in_turns() -> None:
    found = measure(images=2, width=240, height=320, threads=1, write=write)
    assert found["gflop"] == {"tiny": 0.1}
    assert found["threads"] == 1
    seconds, bare, memory = (float(str(found[name])) for name in ("seconds", "bare_seconds", "rss_mb"))
    assert seconds > bare > 0
    assert found["ratio_to_bare"] == pytest.approx(seconds / bare, rel=0.05)
    assert 50 < memory < 1000
