"""A real Chromium without a window, over `fashion ui` with engines that cost nothing."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from bench.null_engines import null_stages
from bench.uploads import write_catalogue
from fashion_assets.operate import Operator, open_instance
from tests.browser.shop import Reader, Shop, open_shop, reading
from tests.cli.test_ui import free_ports, running, wait_for
from tests.peers.lacking import lacking
from tryon.settings import Settings
from tryon.wiring import build

FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1600,1000")


def program(name: str) -> str:
    """Where it is installed; without it the test fails where REQUIRE_PEERS is set, else it is skipped."""
    found = shutil.which(name)
    if found is None:
        lacking(f"{name} is not installed; on Debian: apt-get install chromium chromium-driver")
    return found


@contextmanager
def browsing(chromium: str, chromedriver: str) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in FLAGS:
        options.add_argument(flag)
    with webdriver.Chrome(options, Service(chromedriver)) as browser:
        yield browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[webdriver.Chrome]:
    with browsing(program("chromium"), program("chromedriver")) as browser:
        yield browser


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    """A browser that can draw in 3D, without a graphics card."""
    with reading(program("chromium"), program("chromedriver")) as found:
        yield found


@pytest.fixture(scope="module")
def shop(reader: Reader, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Needs the browser first, so that nothing is started where there is none."""
    with open_shop(tmp_path_factory.mktemp("lookbook") / "screenshots") as found:
        yield found


@dataclass(frozen=True)
class Running:
    dagster: str
    pictures: str
    data: Path


@pytest.fixture(scope="module")
def ui(chromium: webdriver.Chrome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """2 users, 2 tops and 2 bottoms; crops and masks are made, outfits are not. Needs the browser first, so that
    nothing is started where there is none."""
    data = tmp_path_factory.mktemp("browser")
    dagster, pictures = free_ports(2)
    urls = Running(f"http://127.0.0.1:{dagster}", f"http://127.0.0.1:{pictures}", data)
    write_catalogue(data / "uploads", users=2, tops=2, bottoms=2)
    settings = Settings(data=data, pictures_port=pictures)
    with open_instance(data) as instance:
        Operator(build(settings, lambda event: None, null_stages), instance).prepare()
    with running([sys.executable, "-m", "tests.browser.null_ui", "ui"], data, dagster, pictures) as process:
        wait_for(f"{urls.pictures}/health", process)
        wait_for(f"{urls.dagster}/server_info", process)
        yield urls
        process.send_signal(signal.SIGINT)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            pytest.fail("`fashion ui` did not end after SIGINT")
