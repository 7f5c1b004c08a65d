"""The page about reverse proxies: its figures are the settings', its ports the services'."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import ROOT, blocks, prose, rows
from tryon.settings import Settings

PAGE = ROOT / "docs/https.md"
PORTS = {
    name.removesuffix("_port"): field.default
    for name, field in Settings.model_fields.items()
    if name in ("tryon_port", "crop_port", "masks_port", "splats_port", "lookbook_port")
}
MEGABYTES = Settings.model_fields["request_mb"].default
SECONDS = Settings.model_fields["request_seconds"].default


def block(language: str) -> str:
    (found,) = [block.text for block in blocks(PAGE) if block.language == language]
    return found


@pytest.mark.parametrize("language", ["caddy", "nginx"])
def test_it_opens_and_closes_every_brace_and_passes_on_to_the_loopback_alone(language: str) -> None:
    text = block(language)
    depth = 0
    for line in text.splitlines():
        depth += line.count("{") - line.count("}")
        assert depth >= 0
    assert depth == 0
    passed = re.findall(r"(?:reverse_proxy|proxy_pass) (\S+?);?(?: \{)?$", text, re.MULTILINE)
    assert {re.sub(r"^http://|:\d+$", "", one) for one in passed} == {"127.0.0.1"}


@pytest.mark.parametrize("language", ["caddy", "nginx"])
def test_each_name_goes_to_its_services_port(language: str) -> None:
    found: dict[str, str] = {}
    name = ""
    for line in block(language).splitlines():
        named = re.search(r"(?:^|server_name )(\w+)\.example\.com", line)
        name = named[1] if named else name
        passed = re.search(r"127\.0\.0\.1:(\d+)", line)
        if passed:
            found[name] = passed[1]
    assert {"tryon", "lookbook"} <= {*found}
    assert found == {name: str(PORTS[name]) for name in found}


def test_ports_in_the_text_are_the_services() -> None:
    named = re.findall(r"(\d{4}) \((\w+)\)", prose(PAGE))
    assert {(name.rstrip("s"), int(port)) for port, name in named} == {
        (name.rstrip("s"), PORTS[name]) for name in ("crop", "masks", "splats")
    }


def test_bodies_may_be_as_large_as_the_services_take() -> None:
    assert set(re.findall(r"max_size (\w+)", block("caddy"))) == {f"{MEGABYTES}MB"}
    assert re.findall(r"client_max_body_size (\w+);", block("nginx")) == [f"{MEGABYTES}m"]
    assert f"largest body: {MEGABYTES} MB" in rows(prose(PAGE))[1][0]


def test_proxies_wait_longer_than_the_services_do() -> None:
    waits = re.findall(r"(?:response_header_timeout|proxy_read_timeout|proxy_send_timeout) (\d+)s", _both())
    assert len(waits) == 4
    assert all(SECONDS < int(seconds) < SECONDS + 60 for seconds in waits)


def _both() -> str:
    return block("caddy") + block("nginx")


def test_event_streams_are_not_buffered() -> None:
    lookbook = block("caddy").partition("lookbook.example.com {")[2]
    assert "flush_interval -1" in lookbook.partition("\n}\n")[0]
    assert "encode" not in block("caddy")
    server = next(part for part in block("nginx").split("\nserver {") if "name lookbook." in part)
    assert "proxy_buffering off;" in server


def test_nginx_passes_the_name_and_the_scheme_on() -> None:
    """Without the name a service on the loopback would take everybody for this machine."""
    passed = block("nginx").count("proxy_pass")
    assert block("nginx").count("proxy_set_header Host $host;") == passed
    assert block("nginx").count("proxy_set_header X-Forwarded-Proto https;") == passed
    assert "**Set `FASHION_API_KEYS` first.**" in prose(PAGE)


def test_settings_of_the_table_exist() -> None:
    names = {name for row in rows(prose(PAGE))[1:] for name in re.findall(r"`FASHION_(\w+)`", row[1])}
    assert names == {"REQUEST_MB", "REQUEST_SECONDS"}
    assert {name.lower() for name in names} <= {*Settings.model_fields}
