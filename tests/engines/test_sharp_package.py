"""The upstream package: what is said where it is missing, wrong or broken; the checkpoint; the real network."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import torch

from tests.engines.sharp_tiny import TinyPredictor, tiny_state, write_tiny
from tryon.core.errors import InvalidSetting, ModelDamaged, ModelMissing, PackageMissing
from tryon.engines.fingerprints import fingerprint
from tryon.engines.sharp.checkpoint import load_checkpoint
from tryon.engines.sharp.models import COMMIT, SHARP
from tryon.engines.sharp.predictor import upstream_predictor

CPU = torch.device("cpu")
UPSTREAM = """
class PredictorParams:
    pass
def create_predictor(params):
    assert isinstance(params, PredictorParams)
    return "the predictor"
"""


class Site:
    """A folder of installed packages, in front of all others."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def install(self, version: str, modules: dict[str, str], note: str | None = None) -> None:
        (self.folder / "sharp").mkdir()
        for name, source in {"__init__": "", **modules}.items():
            (self.folder / "sharp" / f"{name}.py").write_text(source)
        facts = self.folder / f"sharp-{version}.dist-info"
        facts.mkdir()
        (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: sharp\nVersion: {version}\n")
        if note:
            (facts / "direct_url.json").write_text(f'{{"vcs_info": {{"commit_id": "{note}"}}}}')


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """What a test imports as `sharp` is not the next one's."""
    real = _take_imported()
    monkeypatch.syspath_prepend(str(tmp_path))
    yield Site(tmp_path)
    _take_imported()
    sys.modules.update(real)


def _take_imported() -> dict[str, ModuleType]:
    return {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] == "sharp"}


def refusal() -> str:
    with pytest.raises(PackageMissing) as caught:
        upstream_predictor()
    message = str(caught.value)
    assert f"pip install 'sharp @ git+https://github.com/apple/ml-sharp@{COMMIT}'" in message
    return message


class TestPackage:
    def test_not_installed(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(
            sys, "path", [str(site.folder), *(p for p in sys.path if "site-packages" not in p)]
        )
        assert "is not installed; it comes from git, never from PyPI" in refusal()

    def test_the_other_project_of_that_name(self, site: Site) -> None:
        site.install("1.0.2", {"spherical": ""})
        message = refusal()
        assert "sharp 1.0.2 is not Apple's" in message
        assert "pip uninstall sharp" in message

    def test_a_dependency_that_is_missing(self, site: Site) -> None:
        site.install("0.1", {"models": "import no_such_timm"})
        assert "needs no_such_timm, which is not installed" in refusal()

    def test_a_torchvision_that_does_not_fit_torch(self, site: Site) -> None:
        error = "operator torchvision::nms does not exist"
        site.install("0.1", {"models": f"raise RuntimeError('{error}')"})
        message = refusal()
        assert error in message
        assert "fit the installed torch" in message

    def test_another_commit(self, site: Site) -> None:
        site.install("0.1", {"models": UPSTREAM}, note="f" * 40)
        assert "at commit ffff" in refusal()

    @pytest.mark.parametrize("note", [COMMIT, None])
    def test_the_right_one(self, site: Site, note: str | None) -> None:
        site.install("0.1", {"models": UPSTREAM}, note)
        assert str(upstream_predictor()) == "the predictor"


class TestCheckpoint:
    def test_its_values_are_loaded(self, tmp_path: Path) -> None:
        predictor = TinyPredictor()
        load_checkpoint(predictor, write_tiny(tmp_path), CPU)
        assert not predictor.training
        for name, value in tiny_state().items():
            assert torch.equal(predictor.state_dict()[name], value), name

    def test_a_missing_file(self, tmp_path: Path) -> None:
        with pytest.raises(ModelMissing, match="fashion models pull sharp"):
            load_checkpoint(TinyPredictor(), tmp_path / "x.pt", CPU)

    def damage(self, tmp_path: Path, state: object) -> str:
        path = tmp_path / "x.pt"
        torch.save(state, path)
        with pytest.raises(ModelDamaged) as caught:
            load_checkpoint(TinyPredictor(), path, CPU)
        return str(caught.value)

    def test_the_first_wrong_tensor_is_named(self, tmp_path: Path) -> None:
        state = tiny_state()
        message = self.damage(tmp_path, {name: state[name] for name in ("disparity", "head.weight")})
        assert "holds 2 tensors and the network 3; footprint is missing" in message
        message = self.damage(tmp_path, state | {"footprint": torch.ones(4)})
        assert "footprint has shape [4] instead of [3]" in message
        assert "extra is not known" in self.damage(tmp_path, state | {"extra": torch.ones(1)})

    def test_a_training_checkpoint_is_not_a_bare_state_dict(self, tmp_path: Path) -> None:
        assert "not a bare state_dict" in self.damage(tmp_path, {"state_dict": tiny_state(), "epoch": 3})

    def test_code_inside_is_not_run(self, tmp_path: Path) -> None:
        assert "cannot be read" in self.damage(tmp_path, {"disparity": Path("x")})

    @pytest.mark.parametrize("size", [0, 10, 1000])
    def test_a_file_cut_off(self, tmp_path: Path, size: int) -> None:
        path = write_tiny(tmp_path)
        path.write_bytes(path.read_bytes()[:size])
        with pytest.raises(ModelDamaged, match="cannot be read"):
            load_checkpoint(TinyPredictor(), path, CPU)

    def test_torchs_older_format_is_read_too(self, tmp_path: Path) -> None:
        path = tmp_path / "x.pt"
        torch.save(tiny_state(), path, _use_new_zipfile_serialization=False)
        load_checkpoint(TinyPredictor(), path, CPU)
        assert len(fingerprint(path, "the checkpoint")) == 12

    def test_the_fingerprint_changes_with_a_weight_and_not_with_the_name(self, tmp_path: Path) -> None:
        mine, other = write_tiny(tmp_path / "a"), tmp_path / "renamed.pt"
        torch.save(tiny_state(), other)
        assert fingerprint(mine, "the checkpoint") == fingerprint(other, "the checkpoint")
        torch.save(tiny_state() | {"disparity": torch.tensor([0.5001])}, other)
        assert fingerprint(mine, "the checkpoint") != fingerprint(other, "the checkpoint")
        with pytest.raises(InvalidSetting, match="not a file"):
            fingerprint(tmp_path / "none.pt", "the checkpoint")


@pytest.mark.sharp_package
def test_the_real_package_has_the_network_of_the_published_checkpoint() -> None:
    """1,038 tensors of 702 million parameters in the published file's size; about 15 s on a CPU."""
    try:
        predictor = upstream_predictor()
    except PackageMissing as missing:
        pytest.skip(str(missing))
    state = predictor.state_dict()
    assert len(state) == 1038
    size = SHARP.files[0].size
    assert size is not None
    assert (
        0 < size - sum(tensor.nbytes for tensor in state.values()) < 2_000_000
    )  # names and the zip's directory
