"""The services as they run: `fashion serve all` in a process of its own, with the sample engines."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import httpx

SERVICES = ("crop", "masks", "tryon", "splats", "lookbook")
START_SECONDS = 60.0
STOP_SECONDS = 20.0


@dataclass(frozen=True)
class House:
    """urls: by the service's name."""

    urls: Mapping[str, str]
    process: subprocess.Popen[bytes]

    @property
    def rss_mb(self) -> float:
        return self._memory("VmRSS")

    @property
    def peak_mb(self) -> float:
        """The most memory that it ever had."""
        return self._memory("VmHWM")

    def _memory(self, name: str) -> float:
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(rf"^{name}:\s+(\d+) kB", text, re.MULTILINE)
        assert found is not None, text
        return int(found[1]) / 1024

    def healthy(self) -> bool:
        """Every service answers, and every model is loaded."""
        return all(_is_healthy(f"{url}/health") for url in self.urls.values())


def stocked(data: Path, users: Sequence[str], items: Sequence[str]) -> None:
    """Some of the sample people and items, with every outfit of theirs."""
    for kind, ids in (("users", users), ("items", items)):
        folder = data / "uploads" / kind
        folder.mkdir(parents=True)
        for name in ids:
            for suffix in (".jpg", ".json"):
                source = files("studio") / "catalogue" / "uploads" / kind / f"{name}{suffix}"
                (folder / f"{name}{suffix}").write_bytes(source.read_bytes())
    command = [sys.executable, "-m", "fashion_assets", "--data", str(data), "pregenerate"]
    subprocess.run(command, check=True, capture_output=True, env=_environment())


def _environment() -> dict[str, str]:
    """Without settings of whoever runs this."""
    return {name: value for name, value in os.environ.items() if not name.startswith("FASHION_")}


@contextmanager
def opened(
    data: Path, variables: Mapping[str, str] | None = None, log: Path | None = None
) -> Iterator[House]:
    """variables: settings beside the ports. log: where its lines go; without it nowhere."""
    ports = dict(zip(SERVICES, free_ports(len(SERVICES)), strict=True))
    environment = _environment()
    environment |= {f"FASHION_{name.upper()}_PORT": str(port) for name, port in ports.items()}
    command = [sys.executable, "-m", "fashion_assets", "--data", str(data), "serve", "all"]
    with open(log or os.devnull, "wb") as out:
        process = subprocess.Popen(command, env=environment | dict(variables or {}), stdout=out, stderr=out)
        house = House({name: f"http://127.0.0.1:{port}" for name, port in ports.items()}, process)
        try:
            _wait(house)
            yield house
        finally:
            _stop(process)


def free_ports(count: int) -> list[int]:
    """All different: each is held until the last one is found."""
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def _wait(house: House) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not house.healthy():
        assert house.process.poll() is None, (
            f"the services ended with {house.process.returncode} at their start"
        )
        assert time.monotonic() < deadline, f"the services are not healthy after {START_SECONDS:g} s"
        time.sleep(0.1)


def _is_healthy(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise
