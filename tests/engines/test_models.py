"""The registry of published models: complete facts, and nothing that two of them could confuse."""

from __future__ import annotations

import re

import pytest

from tryon.core.errors import UnknownModel
from tryon.core.licences import ALTERNATIVES
from tryon.core.models import Model
from tryon.engines.models import ALL, OF_ENGINE, by_ids, needed
from tryon.profiles.engines import CHOICES
from tryon.settings import Profile


def test_ids_are_unique() -> None:
    assert len({model.id for model in ALL}) == len(ALL)


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.id)
def test_facts_are_what_a_download_and_a_recipe_need(model: Model) -> None:
    assert model.pinned or model.revision == "main"
    assert model.files
    assert all(re.fullmatch("[0-9a-f]{64}", file.sha256) for file in model.files if file.sha256)
    assert model.licence
    assert model.terms.startswith("https://")


@pytest.mark.parametrize("model", [m for m in ALL if not m.commercial_use], ids=lambda model: model.id)
def test_what_is_not_free_names_what_is(model: Model) -> None:
    assert model.alternatives
    assert set(model.alternatives) <= set(ALTERNATIVES)


def test_every_neural_engine_of_a_profile_has_its_models() -> None:
    neural = set(CHOICES[Profile.WORKSTATION].values()) - {"gpt-4o"}
    assert all(needed([engine]) for engine in neural)
    assert {name for ids in OF_ENGINE.values() for name in ids} <= {model.id for model in ALL}


def test_what_is_needed_follows_from_the_engines() -> None:
    assert needed(CHOICES[Profile.SAMPLE].values(), lip=True) == ()
    assert [model.id for model in needed(["relief", "sharp", "mm-grounding-dino-tiny"])] == [
        "mm-grounding-dino-tiny",
        "sharp",
    ]
    assert [model.id for model in needed(["dwpose-schp"], lip=True)] == ["dwpose", "schp-atr", "schp-lip"]
    plain = [model.id for model in needed(["catvton"])]
    assert plain == ["stable-diffusion-inpainting", "sd-vae-ft-mse", "catvton"]
    checked = [model.id for model in needed(["catvton"], safety=True, variant="vitonhd")]
    assert checked == [*plain[:2], "catvton-vitonhd", "stable-diffusion-safety-checker"]


def test_an_unknown_id_is_answered_with_all_of_them() -> None:
    assert by_ids(["sharp", "dwpose", "sharp"]) == tuple(
        m for name in ("sharp", "dwpose") for m in ALL if m.id == name
    )
    with pytest.raises(UnknownModel, match=r"there is no model yolo; there are .*sharp"):
        by_ids(["yolo"])
