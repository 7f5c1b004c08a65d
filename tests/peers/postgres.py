"""A throw-away PostgreSQL cluster on a free port of the loopback: one a test session, another database a test."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr
from sqlalchemy import create_engine, exc, text

from tests.peers.lacking import lacking
from tests.peers.serving import free_port

INSTALLED = Path("/usr/lib/postgresql")
"""Where Debian puts each version, beside PATH."""
ACCOUNT, PASSWORD = "postgres", "only-of-tests"
START_SECONDS = 60.0
# Nothing of it outlives the tests, so nothing is synced; the small memory is enough for a few connections.
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "16MB",
}


@dataclass(frozen=True)
class Cluster:
    port: int

    def url(self, database: str) -> str:
        return f"postgresql://{ACCOUNT}:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def create(self) -> str:
        """The address of a new, empty database."""
        name = f"dagster_{uuid4().hex[:8]}"
        self.run(f"CREATE DATABASE {name}")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Whoever is connected is thrown out."""
        self.run(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def run(self, statement: str) -> None:
        with create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(text(statement))


def find_programs() -> Path | None:
    """The folder of initdb and postgres; the newest version's."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    places = sorted(INSTALLED.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    return places[-1].parent if places else None


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Raises RuntimeError when it does not start, with the end of what it said."""
    programs = find_programs()
    assert programs is not None, "ask `find_programs` first"
    # Not in pytest's own folder, which PostgreSQL's account may not enter: PostgreSQL refuses to run as root.
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    try:
        _make(programs, folder)
        with _serving(programs, folder) as port:
            yield Cluster(port)
    finally:
        shutil.rmtree(folder)


def _owner() -> str | None:
    """The account that it runs as, where that is not ours."""
    return ACCOUNT if os.geteuid() == 0 else None


def _make(programs: Path, folder: Path) -> None:
    (folder / "password").write_text(PASSWORD)
    if owner := _owner():
        entry = pwd.getpwnam(owner)
        for path in (folder, folder / "password"):
            os.chown(path, entry.pw_uid, entry.pw_gid)
    secret = [f"--pwfile={folder / 'password'}", "--auth=scram-sha-256", f"--username={ACCOUNT}"]
    flags = ["--no-sync", "--encoding=UTF8", "--locale=C", *secret, f"--pgdata={folder / 'data'}"]
    command = [str(programs / "initdb"), *flags]
    subprocess.run(command, check=True, capture_output=True, user=_owner(), cwd=folder)


@contextmanager
def _serving(programs: Path, folder: Path) -> Iterator[int]:
    port = free_port()
    options = OPTIONS | {"port": str(port), "unix_socket_directories": str(folder)}
    flags = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [programs / "postgres", "-D", folder / "data", *flags],
            stdout=output,
            stderr=output,
            user=_owner(),
            cwd=folder,
        )
    try:
        _wait_for(Cluster(port), process, log)
        yield port
    finally:
        process.send_signal(signal.SIGQUIT)  # At once, its own children too.
        process.wait(30)


def _wait_for(found: Cluster, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            return found.run("SELECT 1")
        except exc.OperationalError:
            time.sleep(0.05)
    said = log.read_text(errors="replace")[-2000:]
    raise RuntimeError(f"PostgreSQL did not start (exit status {process.poll()}):\n{said}")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """One a session, so one for each worker of xdist that needs it."""
    if find_programs() is None:
        lacking("PostgreSQL is not installed; on Debian: apt-get install postgresql")
    with cluster() as found:
        yield found


@pytest.fixture
def postgres_url(postgres: Cluster, monkeypatch: pytest.MonkeyPatch) -> SecretStr:
    """Of an empty database, in the environment too."""
    url = postgres.create()
    monkeypatch.setenv("DAGSTER_POSTGRES_URL", url)
    return SecretStr(url)
