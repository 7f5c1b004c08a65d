"""`ui` and `pictures` as programs: both ports answer, and after Ctrl-C nothing is left."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.cli.conftest import Fashion

pytestmark = pytest.mark.battery

ROOT = Path(__file__).parents[2]
PICTURE = "/pictures/users/u1/items/b1/outfit_tryons.webp"


def free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        made = [stack.enter_context(closing(socket.create_server(("127.0.0.1", 0)))) for _ in range(count)]
        return [server.getsockname()[1] for server in made]


@contextmanager
def running(program: list[str], data: Path, ui: int, pictures: int) -> Iterator[subprocess.Popen[str]]:
    """In a process group of its own, as a terminal starts it; killed as a group if a test left it alive."""
    environment = {**os.environ, "FASHION_DATA": str(data)}
    environment |= {"FASHION_UI_PORT": str(ui), "FASHION_PICTURES_PORT": str(pictures)}
    with (data / "ui.log").open("w") as log:
        process = subprocess.Popen(
            program, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log, text=True, process_group=0
        )
        try:
            yield process
        finally:
            for pid in family(data):
                os.kill(pid, signal.SIGKILL)
            process.wait(30)
            assert process.stdout
            process.stdout.close()


@contextmanager
def default(number: signal.Signals) -> Iterator[None]:
    """What a program inherits that is started in a terminal, also where this suite runs under nohup."""
    before = signal.signal(number, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(number, before)


def family(data: Path) -> list[int]:
    """Every living process that was started for this data folder: its environment names it."""
    mine = f"FASHION_DATA={data}\0".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            alive = mine in (folder / "environ").read_bytes() + b"\0"
        except OSError:  # It ended meanwhile, or is another user's.
            continue
        if alive and int(folder.name) != os.getpid():
            found.append(int(folder.name))
    return found


def wait_for(url: str, process: subprocess.Popen[str]) -> httpx.Response:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        try:
            return httpx.get(url, timeout=5)
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError(f"{url} does not answer (exit {process.poll()})")


def answers(port: int) -> bool:
    with closing(socket.socket()) as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def recipe(target: str) -> list[str]:
    """What the Makefile runs for a target, word by word, with our Python's own programs."""
    text = (ROOT / "Makefile").read_text()
    found = re.search(rf"^{target}:.*\n((?:\t.+\n)+)", text, re.MULTILINE)
    assert found
    (line,) = found[1].strip().splitlines()
    return line.replace("$(BIN)", str(Path(sys.executable).parent)).split()


def test_both_answer_and_ctrl_c_ends_both(fashion: Fashion) -> None:
    """What `make ui` starts. Ctrl-C in a terminal reaches the whole group."""
    ui, pictures = free_ports(2)
    with running(recipe("ui"), fashion.data, ui, pictures) as process:
        assert wait_for(f"http://127.0.0.1:{pictures}/health", process).json() == {"status": "healthy"}
        assert wait_for(f"http://127.0.0.1:{ui}/server_info", process).status_code == 200
        assert len(family(fashion.data)) >= 4
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(60) == 0
        assert family(fashion.data) == []
        assert (answers(ui), answers(pictures)) == (False, False)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_manager_or_a_closed_terminal_ends_both_even_while_they_start(
    fashion: Fashion, number: signal.Signals
) -> None:
    ui, pictures = free_ports(2)
    with default(number), running(recipe("ui"), fashion.data, ui, pictures) as process:
        wait_for(f"http://127.0.0.1:{pictures}/health", process)
        process.send_signal(number)
        assert process.wait(60) == 0
        assert family(fashion.data) == []


def test_one_that_ends_by_itself_ends_the_other_and_is_named(fashion: Fashion) -> None:
    ui, pictures = free_ports(2)
    with running([*recipe("ui"), "--json"], fashion.data, ui, pictures) as process:
        assert process.stdout
        wait_for(f"http://127.0.0.1:{pictures}/health", process)
        (child,) = [
            pid
            for pid in family(fashion.data)
            if b"\0pictures\0" in Path(f"/proc/{pid}/cmdline").read_bytes()
        ]
        os.kill(child, signal.SIGKILL)
        assert process.wait(60) == 1
        assert family(fashion.data) == []
        assert json.load(process.stdout) == {
            "dagster": f"http://127.0.0.1:{ui}",
            "pictures": f"http://127.0.0.1:{pictures}",
        }
    assert "pictures ended by itself (exit code -9)" in (fashion.data / "ui.log").read_text()


def test_pictures_alone(fashion: Fashion) -> None:
    ui, port = free_ports(2)
    program = [sys.executable, "-m", "tests.cli.null_fashion", "pictures", "--json"]
    with running(program, fashion.data, ui, port) as process:
        assert process.stdout
        assert json.loads(
            process.stdout.readline() + process.stdout.readline() + process.stdout.readline()
        ) == {"pictures": f"http://127.0.0.1:{port}"}
        answer = wait_for(f"http://127.0.0.1:{port}{PICTURE}", process)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
        assert (
            httpx.get(f"http://127.0.0.1:{port}/health", headers={"Host": "evil.example"}).status_code == 403
        )
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert process.stdout.read() == ""
    lines = [
        json.loads(line) for line in (fashion.data / "ui.log").read_text().splitlines() if line[0] == "{"
    ]
    assert [line["status"] for line in lines] == [200, 403]
    assert (lines[0]["user"], lines[0]["item"], lines[0]["asset"]) == ("u1", "b1", "outfit_tryons")


def test_the_pictures_listen_on_the_loopback_alone(fashion: Fashion) -> None:
    """On a machine with another address, that address does not answer."""
    ui, port = free_ports(2)
    with running(
        [sys.executable, "-m", "tests.cli.null_fashion", "pictures"], fashion.data, ui, port
    ) as process:
        wait_for(f"http://127.0.0.1:{port}/health", process)
        with closing(socket.socket()) as client:
            assert client.connect_ex(("127.0.0.2", port)) != 0


@pytest.mark.parametrize(
    ("command", "setting"), [("ui", "FASHION_UI_PORT"), ("pictures", "FASHION_PICTURES_PORT")]
)
def test_a_taken_port_is_named_with_what_to_do(
    made: Fashion, command: str, setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
        monkeypatch.setenv(setting, str(port))
        answer = made(command)
    assert answer.code == 1
    assert f"port {port} of 127.0.0.1 cannot be used" in answer.err
    assert setting in answer.err


@pytest.mark.parametrize("command", ["ui", "pictures"])
def test_a_mistyped_folder_starts_nothing(empty: Fashion, command: str) -> None:
    answer = empty(command)
    assert answer.code == 2
    assert "there are no uploads" in answer.err
    assert not empty.data.exists()
