"""Our CatVTON computes what the published one does, and the gate would see it if it did not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from bench.__main__ import app
from bench.parity import Case, compare, open_networks, read_case
from tests.engines.catvton_reference import Given, Wrong, run
from tests.engines.catvton_tiny import DATA, TINY
from tryon.engines.catvton.networks import Networks
from tryon.engines.catvton.noise import PublishedNoise

LATENT, LEVELS = 1e-3, 1
CASES = sorted(DATA.glob("*.npz"))


@pytest.fixture(scope="module")
def networks() -> Networks:
    return open_networks(TINY)


def tensors(batch: int, width: int, height: int, seed: int = 1, **facts: float) -> Given:
    generator = torch.Generator().manual_seed(seed)
    person, garment = (torch.rand(batch, 3, height, width, generator=generator) * 2 - 1 for _ in range(2))
    mask = torch.zeros(batch, 1, height, width)
    for place in range(batch):
        mask[place, :, height // 4 + 3 * place : height // 2 + 5, 9 + place : width - 13] = 1
    return replace(Given(person, mask, garment), **facts)  # type: ignore[arg-type]


def store(given: Given, path: Path) -> Path:
    latents, pictures = run(given)
    facts = {"steps": given.steps, "guidance": given.guidance, "seed": given.seed, "eta": given.eta}
    np.savez(
        path,
        person=given.person.numpy(),
        mask=given.mask.numpy(),
        garment=given.garment.numpy(),
        params=json.dumps({**facts, "global_seed": given.global_seed}),
        final_latent_scaled=latents,
        result=pictures,
    )
    return path


def given_of(case: Case) -> Given:
    facts = json.loads(str(np.load(CASES[0])["params"]))
    return Given(
        case.persons,
        case.masks,
        case.garments,
        case.sampling.steps,
        case.sampling.guidance,
        case.sampling.eta,
        facts["seed"],
        facts["global_seed"],
    )


def passes(found: dict[str, object]) -> bool:
    return float(str(found["latent_max_abs"])) <= LATENT and int(str(found["uint8_max"])) <= LEVELS


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_published_cases(path: Path, networks: Networks) -> None:
    assert passes(compare(read_case(path), networks))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_what_the_networks_are_given_is_what_the_published_pipeline_gives_them(path: Path) -> None:
    case, stored = read_case(path), np.load(path)
    assert np.array_equal((case.persons * (case.masks < 0.5)).numpy(), stored["masked_image"])
    assert np.array_equal(case.garments.numpy(), stored["condition_image"])


def test_the_networks_alone(networks: Networks) -> None:
    stored = np.load(CASES[0])
    for which, step in (("first", 0), ("last", -1)):
        t = torch.tensor(int(stored["timesteps"][step]))
        found = networks.unet(torch.from_numpy(stored[f"unet_in_{which}"]), t, None).sample
        np.testing.assert_allclose(found.numpy(), stored[f"unet_out_{which}"], atol=1e-5)


@pytest.mark.parametrize(
    "given",
    [
        tensors(3, 64, 80, steps=5),
        tensors(2, 104, 72, steps=3, eta=0.4, guidance=4.0, seed=7, global_seed=9),
        tensors(2, 56, 88, steps=4, guidance=1.0),
        tensors(1, 48, 48, steps=7, eta=0.0),
        tensors(1, 72, 56, steps=9, eta=0.3, guidance=7.5),
    ],
    ids=["batch of 3", "wide, half eta", "no guidance", "square, eta 0", "much guidance"],
)
def test_batches_of_tensors_in_other_sizes(given: Given, networks: Networks, tmp_path: Path) -> None:
    case = read_case(store(given, tmp_path / "case.npz"))
    assert case.persons.shape == given.person.shape
    assert passes(compare(case, networks))


def test_the_slow_reference_agrees_with_the_published_case() -> None:
    case = read_case(CASES[0])
    latents, pictures = run(given_of(case))
    assert np.abs(latents - case.latents).max() <= LATENT
    assert np.abs(pictures.astype(int) - case.pictures).max() <= LEVELS


SMALL = tensors(1, 48, 48, steps=3)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, networks: Networks) -> Case:
    case = read_case(store(SMALL, tmp_path_factory.mktemp("small") / "case.npz"))
    assert passes(compare(case, networks))
    return case


@pytest.mark.parametrize(
    "wrong",
    ["garment on top", "no cross-attention residual", "no person in uncond", "vae mode", "black uncond"],
)
def test_a_plausible_mistake_is_far_beyond_the_gate(wrong: Wrong, small: Case) -> None:
    latents, _ = run(SMALL, wrong)
    assert np.abs(latents - small.latents).max() > 100 * LATENT


@pytest.mark.parametrize(
    "change",
    [
        {"eta": 0.0},
        {"guidance": 2.4},
        {"guidance": 1.0},
        {"steps": 4},
        {"scheduler": "unipc"},
        {"scheduler": "dpm++"},
    ],
    ids=str,
)
def test_another_setting_is_far_beyond_the_gate(
    change: dict[str, Any], small: Case, networks: Networks
) -> None:
    case = replace(small, sampling=replace(small.sampling, **change), noise=PublishedNoise(42, 0))
    assert float(str(compare(case, networks)["latent_max_abs"])) > 10 * LATENT


def test_other_random_numbers_are_far_beyond_the_gate(small: Case, networks: Networks) -> None:
    for noise in (PublishedNoise(43, 0), PublishedNoise(42, 1)):
        case = replace(small, noise=noise)
        assert float(str(compare(case, networks)["latent_max_abs"])) > 100 * LATENT


def test_the_command_prints_both_figures() -> None:
    result = CliRunner().invoke(
        app, ["parity", "--case", str(CASES[-1]), "--weights", str(TINY), "--json"], catch_exceptions=False
    )
    figures = json.loads(result.output.splitlines()[-1])
    assert list(figures) == ["latent_max_abs", "uint8_max"]
    assert passes(figures)
