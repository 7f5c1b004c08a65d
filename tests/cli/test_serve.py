"""`serve` as a program: every service answers on its port, and a request to stop leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.cli.conftest import Fashion
from tryon.services.opening import Service

KEY = "k" * 32


def free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        made = [stack.enter_context(closing(socket.create_server(("127.0.0.1", 0)))) for _ in range(count)]
        return [server.getsockname()[1] for server in made]


@contextmanager
def serving(
    data: Path, *arguments: str, **settings: str
) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """The running program, and the addresses it told."""
    ports = {
        f"FASHION_{service.upper()}_PORT": str(port)
        for service, port in zip(Service, free_ports(5), strict=True)
    }
    command = [sys.executable, "-m", "fashion_assets", "--data", str(data), "serve", *arguments, "--json"]
    with (data / "serve.log").open("w") as log:
        process = subprocess.Popen(
            command, env={**os.environ, **ports, **settings}, stdout=subprocess.PIPE, stderr=log, text=True
        )
        assert process.stdout
        try:
            told = process.stdout.readline()
            assert told, (data / "serve.log").read_text()
            yield process, json.loads(told)
        finally:
            process.kill()
            process.wait(30)
            process.stdout.close()


def access_log(data: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (data / "serve.log").read_text().splitlines()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_all_answer_and_a_request_to_stop_ends_them(fashion: Fashion, number: signal.Signals) -> None:
    with serving(fashion.data, "all") as (process, urls):
        assert list(urls) == [service.value for service in Service]
        for name, url in urls.items():
            answer = httpx.get(f"{url}/health", timeout=60)
            assert answer.status_code in (200, 503), (name, answer.text)
            assert httpx.get(f"{url}/metrics").status_code == 200
            assert httpx.get(f"{url}/health", headers={"Host": "evil.example"}).status_code == 403
        # A stream never ends by itself. Its reader sees an end, not a line that breaks, and comes back elsewhere.
        with httpx.stream("GET", f"{urls['lookbook']}/users/u1/logs/stream", timeout=30) as stream:
            lines = stream.iter_lines()
            assert next(lines)
            process.send_signal(number)
            assert not [line for line in lines if line.startswith("event:")]
        assert process.wait(30) == 0
    told = access_log(fashion.data)
    assert {line["service"] for line in told} == {service.value for service in Service}
    assert not [line for line in told if line["event"] == "server"]


def test_what_is_no_http_is_told_in_a_line_of_the_access_log(fashion: Fashion) -> None:
    with serving(fashion.data, "lookbook") as (process, urls):
        place = urlsplit(urls["lookbook"])
        with closing(socket.create_connection((place.hostname, place.port), timeout=30)) as caller:
            caller.sendall(b"secret-word\r\n\r\n")
            assert caller.recv(1000).startswith(b"HTTP/1.1 400 ")
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    (line,) = access_log(fashion.data)
    assert line.pop("timestamp")
    assert line == {"event": "server", "level": "warning", "message": "Invalid HTTP request received."}


def test_beyond_the_loopback_a_key_is_needed(fashion: Fashion) -> None:
    refused = fashion("serve", "masks", "--host", "0.0.0.0", "--json")
    assert refused.code == 2
    assert "FASHION_API_KEYS" in refused.facts["error"]["message"]
    with serving(fashion.data, "masks", "--host", "0.0.0.0", FASHION_API_KEYS=KEY) as (_, urls):
        url = urls["masks"].replace("0.0.0.0", "127.0.0.1")
        assert httpx.get(url, timeout=60).status_code == 200
        assert httpx.post(url, json={}).status_code == 401
        assert httpx.post(url, json={}, headers={"X-API-Key": KEY}).status_code == 400
    assert KEY not in (fashion.data / "serve.log").read_text()


def test_a_taken_port_is_named_with_what_to_do(fashion: Fashion) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
        refused = fashion("serve", "splats", "--port", port, "--json")
    assert refused.code == 1
    assert all(word in refused.facts["error"]["message"] for word in (str(port), "FASHION_SPLATS_PORT"))


def test_a_lookbook_of_a_mistyped_folder_is_refused(tmp_path: Path) -> None:
    refused = Fashion(tmp_path / "nowhere")("serve", "lookbook", "--json")
    assert refused.code == 2
    assert "there are no uploads" in refused.facts["error"]["message"]


def test_a_short_key_is_refused_and_not_repeated(fashion: Fashion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHION_API_KEYS", "short-secret")
    refused = fashion("serve", "crop", "--json")
    assert refused.code == 2
    assert "16 characters" in refused.facts["error"]["message"]
    assert "short-secret" not in refused.out + refused.err
