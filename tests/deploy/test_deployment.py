"""Settings of `modal deploy`, and the page about it."""

from __future__ import annotations

import re

import pytest
from pydantic import ValidationError

from tests.deploy.apps import FILES, WEB_ONLY
from tests.docs.pages import ROOT, blocks, rows, sections, spans
from tryon.containers import keys
from tryon.core.recipes import Stage
from tryon.settings import Settings
from tryon.settings.deployment import VARIABLES, Deployment, web_label

MODAL = ROOT / "docs/modal.md"


def test_each_stage_has_an_app() -> None:
    assert {*Deployment().apps} == {*Stage}
    assert len({*Deployment().apps.values()}) == len(Stage)


def test_a_list_of_gpus_is_in_the_order_of_what_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHION_TRYON_GPU", " H100!, L40S,A100-80GB ")
    assert Deployment().tryon_gpu == ("H100!", "L40S", "A100-80GB")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("CROP_GPU", "", "name one GPU"),
        ("CROP_GPU", "A100:2", "each container has one"),
        ("SPLAT_GPU", "A100 A10", "name one GPU"),
        ("TRYON_APP", "my try-ons", "an app's name"),
        ("CROP_WEB", "fastapi app", "a web function's name"),
        ("MASK_WEB", "2nd", "a web function's name"),
        ("MIN_CONTAINERS", "-1", "greater than or equal to 0"),
        ("MAX_CONTAINERS", "0", "greater than or equal to 1"),
        ("WARM_SECONDS", "3600", "less than or equal to 1200"),
    ],
)
def test_what_cannot_be_deployed_is_told(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"FASHION_{name}", value)
    with pytest.raises(ValidationError, match=said):
        Deployment()


def test_a_web_function_of_a_class_says_the_address_that_modal_gives_to_functions() -> None:
    assert web_label("cpu-mask-generation-optimized", "main") == "cpu-mask-generation-optimized-main"
    assert web_label("My.App", "fastapi_app_v2") == "my-app-fastapi-app-v2"
    assert len(web_label("a" * 64, "b" * 32)) <= 63


def test_the_other_settings_know_these_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.setenv(name, "1")
    Settings()
    monkeypatch.setenv("FASHION_CROP_GPUS", "A10")
    with pytest.raises(ValidationError, match="is FASHION_CROP_GPU meant"):
        Settings()


# The page


def test_every_setting_is_documented_with_its_default() -> None:
    found = {row[0].strip("`"): row[1].strip("`") for row in rows(sections(MODAL)["Settings"])[1:]}
    assert found == {
        f"FASHION_{name.upper()}": ",".join(field.default)
        if isinstance(field.default, tuple)
        else str(field.default)
        for name, field in Deployment.model_fields.items()
    }


def test_every_app_file_is_deployed_and_tried_out_on_the_page() -> None:
    text = "\n".join(block.text for block in blocks(MODAL))
    for path in FILES:
        named = path.relative_to(ROOT).as_posix()
        assert f"modal deploy {named}" in text
        assert path.stem in WEB_ONLY or f"modal run {named}" in text


def test_every_key_of_the_secret_is_documented() -> None:
    text = "\n".join(block.text for block in blocks(MODAL))
    created = text.partition(f"modal secret create {keys.SECRET}")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\s*([A-Z_]+)=", created, re.MULTILINE)) == {*keys.WEB_NAMES}
    assert {*Deployment().apps.values()} <= {*spans(MODAL)}
