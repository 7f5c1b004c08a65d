"""SHARP's splatter around a tiny network: what it is given, what is kept, where it lands, what is refused."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from bench.local_models import LocalModels
from tests.engines.sharp_tiny import BEHIND, DISPARITY, Predicted, TinyPredictor, write_tiny
from tests.engines.test_relief import F_PX, HEIGHT, WIDTH, person_image, person_mask
from tests.fakes import MemoryBlobs, MemoryRecords, MemoryUploads
from tryon.core.depot import Made
from tryon.core.errors import DeviceMissing, ModelDamaged, ModelMissing, OutOfMemory
from tryon.core.materials import Materials
from tryon.core.models import Pinned
from tryon.core.ply import read_ply
from tryon.core.ports import Pixels, SplatJob, device_of, scenic
from tryon.core.quality import judge_splat
from tryon.core.splats import Gaussians
from tryon.core.stages.splats import SplatStage
from tryon.core.words import Refused
from tryon.engines.sharp import MODELS, Sharp
from tryon.engines.sharp.models import published_at
from tryon.engines.sharp.predictor import Factory
from tryon.engines.sharp.prepare import disparity_factor, network_input
from tryon.engines.sharp.prune import person_cells
from tryon.stores.model_cache import ModelCache

RESOLUTION, GRID = 384, 192
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> LocalModels:
    root = tmp_path_factory.mktemp("models")
    write_tiny(root)
    return LocalModels(root)


def fixed(answer: Pixels | Refused) -> Callable[[Sequence[Pixels]], list[Pixels | Refused]]:
    """A silhouette that is known beforehand, the same for every image."""
    return lambda batch: [answer for _ in batch]


def engine(
    models: LocalModels,
    mask: Pixels | Refused | None = None,
    factory: Factory = TinyPredictor,
    whole: bool = False,
) -> Sharp:
    found = None if whole else fixed(person_mask() if mask is None else mask)
    return Sharp(models, found, "cpu", predictor_factory=factory, resolution=RESOLUTION)


def job(f_px: float = F_PX) -> SplatJob:
    return SplatJob(person_image(), f_px, "exif")


def splat(sharp: Sharp, f_px: float = F_PX) -> Gaussians:
    (answer,) = sharp.splat([job(f_px)])
    assert isinstance(answer, Gaussians), answer
    return answer


def changed(**how: Any) -> type[TinyPredictor]:
    """A network whose answer is changed: a function or a value for each output."""

    class Changed(TinyPredictor):
        def forward(self, image: torch.Tensor, disparity_factor: torch.Tensor) -> Predicted:
            found = super().forward(image, disparity_factor)
            return found._replace(**{name: change(getattr(found, name)) for name, change in how.items()})

    return Changed


class TestSplat:
    def test_it_depicts_its_picture_and_nothing_but_the_person(self, models: LocalModels) -> None:
        found = splat(engine(models))
        assert judge_splat(found, person_image(), F_PX) is None
        x, y, z = found.positions.T
        u, v = F_PX * x / z + WIDTH / 2, F_PX * y / z + HEIGHT / 2
        inside = person_mask()[v.astype(int), u.astype(int)] > 0
        assert inside.mean() > 0.97  # the rest are cells on the outline
        green = found.colors[:, 1] > 0.5
        assert green.mean() < 0.02

    def test_another_picture_is_not_what_it_depicts(self, models: LocalModels) -> None:
        assert judge_splat(splat(engine(models)), person_image()[:, :, ::-1].copy(), F_PX) is not None

    def test_depth_is_focal_length_over_width_and_disparity(self, models: LocalModels) -> None:
        for f_px in (F_PX, 2 * F_PX):
            z = np.unique(splat(engine(models), f_px).positions[:, 2])
            np.testing.assert_allclose(z, np.array([1, BEHIND]) * f_px / WIDTH / DISPARITY, rtol=1e-6)

    def test_values_keep_the_promises_of_gaussians(self, models: LocalModels) -> None:
        outside = changed(opacities=lambda o: o + 0.5, colors=lambda c: c * 1.5)
        found = splat(engine(models, factory=outside))
        for field in fields(found):
            if field.name != "facts":
                assert getattr(found, field.name).dtype == np.float32, field.name
        assert found.opacities.max() == 1
        assert (found.colors.min() >= 0, found.colors.max()) == (True, 1)
        np.testing.assert_allclose(np.linalg.norm(found.rotations, axis=1), 1, atol=1e-6)

    def test_linear_colours_become_srgb(self, models: LocalModels) -> None:
        grey = changed(colors=lambda c: torch.full_like(c, 0.214041))
        np.testing.assert_allclose(splat(engine(models, factory=grey)).colors, 0.5, atol=1e-5)

    def test_facts_say_where_it_comes_from(self, models: LocalModels) -> None:
        found = splat(engine(models))
        facts = dict(found.facts)
        assert str(facts.pop("licence")).startswith("Apple Machine Learning Research")
        assert str(facts.pop("frame")).startswith("OpenCV: x right, y down, z forward")
        assert facts == {
            "generator": "sharp",
            "geometry": "predicted by a network from one picture",
            "f_px": F_PX,
            "f_px_source": "exif",
            "image_size": [WIDTH, HEIGHT],
            "predicted": 2 * GRID * GRID,
            "in_person_mask": len(found),
            "too_large": 0,
        }

    def test_the_whole_scene_is_kept_where_nobody_looks_for_a_person(self, models: LocalModels) -> None:
        found = splat(engine(models, whole=True))
        assert len(found) == 2 * GRID * GRID
        assert found.facts["in_person_mask"] is None
        assert judge_splat(found, person_image(), F_PX) is None

    def test_gaussians_larger_than_a_torso_are_not_of_the_person(self, models: LocalModels) -> None:
        def grown(sigmas: torch.Tensor) -> torch.Tensor:
            return torch.where(torch.arange(sigmas.shape[1])[None, :, None] % 100 == 0, 5.0, sigmas)

        found = splat(engine(models, factory=changed(singular_values=grown)))
        assert found.scales.max() < 0.5
        assert 0 < int(str(found.facts["too_large"])) < 0.02 * len(found)

    def test_opacities_may_have_an_axis_of_their_own(self, models: LocalModels) -> None:
        column = changed(opacities=lambda o: o[..., None])
        np.testing.assert_array_equal(
            splat(engine(models, factory=column)).opacities, splat(engine(models)).opacities
        )


class TestRefusals:
    def test_each_look_has_its_own_verdict(self, models: LocalModels) -> None:
        class Mixed:
            def __call__(self, batch: Sequence[Pixels]) -> list[Pixels | Refused]:
                nobody = Refused("no_person", "Nobody is in it.")
                return [person_mask(), nobody, np.zeros((HEIGHT, WIDTH), np.uint8), person_mask()]

        sharp = Sharp(models, Mixed(), "cpu", predictor_factory=TinyPredictor, resolution=RESOLUTION)
        answers = sharp.splat([job(), job(), job(), job(float("nan"))])
        codes = [answer.code if isinstance(answer, Refused) else len(answer) for answer in answers]
        assert codes == [len(splat(sharp_of(models))), "no_person", "no_silhouette", "bad_focal_length"]

    def test_a_refused_look_costs_no_pass_of_the_network(self, tmp_path: Path) -> None:
        """There is not even a checkpoint."""
        nobody = Refused("no_person", "Nobody is in it.")
        assert engine(LocalModels(tmp_path), nobody).splat([job()]) == [nobody]

    @pytest.mark.parametrize(
        "name", ["mean_vectors", "singular_values", "quaternions", "colors", "opacities"]
    )
    def test_values_that_are_not_finite(self, models: LocalModels, name: str) -> None:
        (answer,) = engine(models, factory=changed(**{name: lambda values: values / 0})).splat([job()])
        assert isinstance(answer, Refused)
        assert answer.code == "splat_not_finite"

    def test_a_quaternion_of_zeros_has_no_direction(self, models: LocalModels) -> None:
        (answer,) = engine(models, factory=changed(quaternions=torch.zeros_like)).splat([job()])
        assert isinstance(answer, Refused)

    def test_too_many_points_away_from_their_pixels(self, models: LocalModels) -> None:
        def scattered(means: torch.Tensor) -> torch.Tensor:
            away = torch.arange(means.shape[1])[None, :, None] % 10 == 0
            return torch.where(away, means * torch.tensor([-1.0, -1, 1]), means)

        (answer,) = engine(models, factory=changed(mean_vectors=scattered)).splat([job()])
        assert isinstance(answer, Refused)
        assert answer.code == "splat_astray"


def sharp_of(models: LocalModels) -> Sharp:
    return engine(models)


class TestUnknownNetwork:
    @pytest.mark.parametrize(
        "how",
        [
            lambda m: m.reshape(1, 2, GRID, GRID, 3).transpose(2, 3).reshape(1, -1, 3),  # columns before rows
            lambda m: m.reshape(1, 2, -1, 3).transpose(1, 2).reshape(1, -1, 3),  # layers last
            lambda m: m * torch.tensor([2.0, 2, 1]),  # another field of view
            lambda m: m * torch.tensor([1.0, -1, 1]),  # y up
            lambda m: m * torch.tensor([1.0, 1, -1]),  # z towards the viewer
        ],
    )
    def test_another_order_or_space_of_gaussians_stops_the_work(self, models: LocalModels, how: Any) -> None:
        with pytest.raises(ModelDamaged, match="cells \\(median\\) from where they must"):
            engine(models, factory=changed(mean_vectors=how)).splat([job()])

    @pytest.mark.parametrize("name", ["mean_vectors", "quaternions", "opacities"])
    def test_another_number_of_gaussians_stops_the_work(self, models: LocalModels, name: str) -> None:
        fewer = changed(**{name: lambda values: values[:, :-1]})
        with pytest.raises(ModelDamaged, match=f"{name} have shape"):
            engine(models, factory=fewer).splat([job()])


class TestMachine:
    def test_it_is_made_without_weights_and_loads_once(self, models: LocalModels, tmp_path: Path) -> None:
        loads = []

        def factory() -> TinyPredictor:
            loads.append(1)
            time.sleep(0.02)
            return TinyPredictor()

        sharp = engine(models, factory=factory)
        assert not loads
        with ThreadPoolExecutor(3) as pool:
            assert len(list(pool.map(sharp.splat, [[job(), job()], [job()], [job()]]))) == 3
        assert len(loads) == 1
        with pytest.raises(ModelMissing):
            engine(LocalModels(tmp_path)).splat([job()])

    def test_a_gpu_that_is_not_there_is_named(
        self, models: LocalModels, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("torch.cuda.is_available", lambda: False)
        with pytest.raises(DeviceMissing):
            Sharp(models, None, "cuda", predictor_factory=TinyPredictor).splat([job()])

    @pytest.mark.parametrize(
        "full",
        [
            torch.OutOfMemoryError("CUDA out of memory."),
            RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
        ],
    )
    def test_a_full_memory_is_named(self, models: LocalModels, full: Exception) -> None:
        class Huge(TinyPredictor):
            def forward(self, image: torch.Tensor, disparity_factor: torch.Tensor) -> Predicted:
                raise full

        with pytest.raises(OutOfMemory, match="8 GB"):
            engine(models, factory=Huge).splat([job()])

    def test_the_card_says_what_decides_a_result(self, models: LocalModels, tmp_path: Path) -> None:
        published = Sharp(models, fixed(person_mask())).card
        assert published.revision == "1+1eaa046+94211a7"
        assert (published.commercial_use, MODELS[0].alternatives) == (False, ("relief",))
        mine = write_tiny(tmp_path)
        cards = [published, Sharp(models, None).card, Sharp(models, None, checkpoint=mine).card]
        assert len({str(card.parameters) for card in cards}) == 3


class TestInput:
    def test_corner_pixels_stay_corners(self) -> None:
        """A ramp stays a ramp from the first to the last pixel, as with align_corners."""
        ramp = np.zeros((2, 5, 3), np.uint8)
        ramp[..., 0] = np.arange(5) * 50
        found = network_input(ramp, 9, CPU)
        assert found.shape == (1, 3, 9, 9)
        expected = np.broadcast_to(np.arange(9) * 25 / 255, (9, 9))
        np.testing.assert_allclose(found[0, 0].numpy(), expected, atol=1e-6)
        assert found[0, 1:].abs().max() == 0

    def test_the_picture_is_stretched_and_the_factor_is_of_its_width(self) -> None:
        found = network_input(person_image(), 64, CPU)
        assert found.shape == (1, 3, 64, 64)
        assert disparity_factor(300.0, 192, CPU).tolist() == [300 / 192]


def test_cells_of_the_person_lie_in_both_layers() -> None:
    body = np.zeros((8, 4), np.uint8)
    body[2:4, 1] = 1
    assert person_cells(body, 4).tolist() == [5, 16 + 5]
    assert person_cells(body * 0, 4).tolist() == []


def test_the_stage_publishes_it_with_its_facts(models: LocalModels) -> None:
    materials = Materials(MemoryUploads(), MemoryBlobs(), MemoryRecords())
    ((made,),) = SplatStage(materials, engine(models)).work([job()])
    assert isinstance(made, Made)
    back = read_ply(made.encoded.data)
    np.testing.assert_array_equal(back.positions, splat(engine(models)).positions)
    assert made.facts["gaussians"] == len(back)
    assert (made.facts["generator"], made.facts["f_px_source"]) == ("sharp", "exif")
    json.dumps(made.facts)


class TestOtherWeights:
    def test_a_model_at_an_address_is_loaded_from_the_cache_and_named_by_its_digest(
        self, tmp_path: Path
    ) -> None:
        own = published_at(Pinned("https://host/mine.pt", "ab" * 32))
        write_tiny(tmp_path).rename(tmp_path / "mine.pt")
        (tmp_path / own.id).mkdir()
        (tmp_path / "mine.pt").rename(tmp_path / own.id / "mine.pt")
        sharp = Sharp(
            LocalModels(tmp_path), None, "cpu", own, predictor_factory=TinyPredictor, resolution=RESOLUTION
        )
        assert sharp.card.parameters["checkpoint"] == "ab" * 6
        assert len(splat(sharp)) == 2 * GRID * GRID

    def test_one_that_was_not_pulled_says_how(self, tmp_path: Path) -> None:
        own = published_at(Pinned("https://host/mine.pt", "ab" * 32))
        with pytest.raises(ModelMissing, match="fashion models pull sharp-abababababab"):
            Sharp(ModelCache(tmp_path), None, "cpu", own, predictor_factory=TinyPredictor).load()


class TestScenes:
    def test_a_scene_keeps_everything_over_the_same_network(self, models: LocalModels) -> None:
        loads = []

        def factory() -> TinyPredictor:
            loads.append(1)
            return TinyPredictor()

        person = engine(models, factory=factory)
        kept = splat(person)
        scene = scenic(person)
        (found,) = scene.splat([job()])
        assert isinstance(found, Gaussians)
        assert (len(found), loads) == (2 * GRID * GRID, [1])
        assert len(kept) < len(found)
        assert scene.card.parameters["person_only"] is None
        assert person.card.parameters["person_only"] is not None

    def test_it_says_where_it_is_loaded(self, models: LocalModels) -> None:
        assert device_of(engine(models, whole=True)) == "cpu"
