"""Where the nets run, how many threads they take, and which files are refused."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import onnxruntime as ort  # type: ignore[import-untyped]
import pytest

from bench.local_models import LocalModels
from bench.parser_nets.graph import Graph
from tests.engines.human_parser_tiny import write_detector, write_pose, write_schp
from tryon.core.errors import DeviceMissing, ModelDamaged, ModelMissing, OutOfMemory
from tryon.engines.cores import usable_cores
from tryon.engines.human_parser import MODELS, dwpose, yolox
from tryon.engines.human_parser.nets import CPU, CUDA, Net, Runtime, choose_providers, session_options
from tryon.engines.human_parser.schp import ATR

FAST = Runtime("cpu", 1)


# Cores


def cgroup(root: Path, own: str, **files: str) -> dict[str, Path]:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_max", ".max").replace("cfs_", "cpu.cfs_")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (root / "own").write_text(own)
    return {"cgroups": root, "own": root / "own"}


def test_without_a_quota_the_affinity_decides(tmp_path: Path) -> None:
    nothing = {"cgroups": tmp_path, "own": tmp_path / "nowhere"}
    assert usable_cores(12, **nothing) == 12
    assert usable_cores(12, **cgroup(tmp_path, "0::/\n", cpu_max="max 100000\n")) == 12
    assert usable_cores() in range(1, len(os.sched_getaffinity(0)) + 1)


@pytest.mark.parametrize(("quota", "cores"), [("200000", 2), ("350000", 3), ("50000", 1), ("9900000", 12)])
def test_a_quota_of_version_2_limits_the_threads(tmp_path: Path, quota: str, cores: int) -> None:
    assert usable_cores(12, **cgroup(tmp_path, "0::/\n", cpu_max=f"{quota} 100000\n")) == cores


def test_the_smallest_quota_of_all_groups_around_counts(tmp_path: Path) -> None:
    files = {"pod__cpu_max": "300000 100000", "pod__box__cpu_max": "max 100000", "cpu_max": "800000 100000"}
    assert usable_cores(12, **cgroup(tmp_path, "0::/pod/box\n", **files)) == 3


def test_a_quota_of_version_1_limits_the_threads(tmp_path: Path) -> None:
    files = {"cpu__cfs_quota_us": "400000\n", "cpu__cfs_period_us": "100000\n"}
    own = "4:cpu,cpuacct:/docker/abc\n2:memory:/docker/abc\n"
    assert usable_cores(12, **cgroup(tmp_path, own, **files)) == 4
    files["cpu__cfs_quota_us"] = "-1\n"
    assert usable_cores(12, **cgroup(tmp_path, own, **files)) == 12


def test_sessions_have_those_threads_and_no_arena_and_do_not_spin() -> None:
    options = session_options(ort, [CPU], None)
    assert options.intra_op_num_threads == usable_cores()
    assert options.inter_op_num_threads == 1
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"
    assert not options.enable_cpu_mem_arena
    assert session_options(ort, [CPU], 7).intra_op_num_threads == 7


# Devices


def test_the_gpu_is_taken_where_there_is_one_unless_the_cpu_was_asked_for() -> None:
    assert choose_providers("auto", [CPU]) == [CPU]
    assert choose_providers("cpu", [CUDA, CPU]) == [CPU]
    for device in ("auto", "cuda"):
        (name, options), second = choose_providers(device, [CUDA, CPU])
        assert (name, options["use_tf32"], second) == (CUDA, "0", CPU)


def test_a_gpu_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DeviceMissing, match="FASHION_DEVICE=cuda"):
        choose_providers("cuda", [CPU])
    if CUDA not in ort.get_available_providers():
        write_pose(tmp_path / "dwpose" / "dw-ll_ucoco_384.onnx", None, 1.0)
        with pytest.raises(DeviceMissing):
            Runtime("cuda").start(LocalModels(tmp_path), dwpose.LAYOUT)


# Files


def test_input_names_come_from_the_file(tmp_path: Path) -> None:
    path = tmp_path / "dwpose" / "dw-ll_ucoco_384.onnx"
    graph = Graph("renamed")
    crops = graph.input("another_name", ("n", 3, 384, 288))
    flat = graph.add("ReduceMean", [crops], (1, 1, 1), axes=[2, 3], keepdims=0)
    flat = graph.add("ReduceMean", [flat], (1,), axes=[1], keepdims=0)
    outputs = {
        name: graph.sum(flat, graph.constant(np.zeros((1, 133, width), np.float32)))
        for name, width in (("a", 576), ("b", 768))
    }
    for tensor, width in zip(outputs.values(), (576, 768), strict=True):
        graph.shapes[tensor] = (1, 133, width)
    graph.save(path, outputs, batch="n")
    across, down = FAST.start(LocalModels(tmp_path), dwpose.LAYOUT).run(np.ones((1, 3, 384, 288), np.float32))
    assert (across.shape, down.shape) == ((1, 133, 576), (1, 133, 768))
    assert across.max() == down.min() == 1


def test_a_missing_folder_or_file_says_what_to_pull(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="dwpose"):
        FAST.start(LocalModels(tmp_path), yolox.LAYOUT)
    (tmp_path / "dwpose").mkdir()
    with pytest.raises(ModelMissing, match=r"yolox_l\.onnx is missing; run `fashion models pull dwpose`"):
        FAST.start(LocalModels(tmp_path), yolox.LAYOUT)


def test_a_file_that_is_cut_off_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "dwpose" / "yolox_l.onnx"
    write_detector(path, None, 1.0)
    for data in (path.read_bytes()[:-100], b"version https://git-lfs.github.com/spec/v1\n", b""):
        path.write_bytes(data)
        with pytest.raises(ModelDamaged, match=r"yolox_l\.onnx cannot be loaded"):
            FAST.start(LocalModels(tmp_path), yolox.LAYOUT)


def test_another_net_is_named_by_its_first_wrong_shape(tmp_path: Path) -> None:
    path = tmp_path / "schp-atr" / ATR.file
    write_schp(path, None, 20, 473, 1.0)
    with pytest.raises(
        ModelDamaged, match=r"input\.1 of shape \[1, 3, 473, 473\] instead of \[1, 3, 512, 512\]"
    ):
        FAST.start(LocalModels(tmp_path), ATR.layout)
    write_schp(path, None, 20, 512, 1.0)
    with pytest.raises(
        ModelDamaged, match=r"fusion of shape \[1, 20, 128, 128\] instead of \[1, 18, 128, 128\]"
    ):
        FAST.start(LocalModels(tmp_path), ATR.layout)
    graph = Graph("one output")
    tensor = graph.conv(graph.input("input.1", (1, 3, 512, 512)), 18)
    graph.save(path, {"parsing": tensor})
    with pytest.raises(
        ModelDamaged, match="1 inputs and 1 outputs instead of 1 input and at least 2 outputs"
    ):
        FAST.start(LocalModels(tmp_path), ATR.layout)


class Broken:
    """A session with the right layout and wrong answers."""

    def __init__(self, session: object, answer: object) -> None:
        self._session, self._answer = session, answer

    def __getattr__(self, name: str) -> object:
        return getattr(self._session, name)

    def run(self, names: list[str], feed: dict[str, object]) -> list[object]:
        if isinstance(self._answer, Exception):
            raise self._answer
        return [self._answer for _ in names]


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        (np.full((1, 8400, 85), np.nan, np.float32), ModelDamaged, "not finite"),
        (np.zeros((1, 8400, 84), np.float32), ModelDamaged, r"\[1, 8400, 84\]"),
        (RuntimeError("bad_alloc: Failed to allocate memory"), OutOfMemory, "did not fit"),
        (RuntimeError("CUDA failure 2: out of memory"), OutOfMemory, "did not fit"),
        (RuntimeError("an allocator of another kind"), RuntimeError, "another kind"),
        (RuntimeError("something else"), RuntimeError, "something else"),
    ],
)
def test_wrong_answers_are_named(
    tmp_path: Path, answer: object, error: type[Exception], message: str
) -> None:
    write_detector(tmp_path / "dwpose" / "yolox_l.onnx", None, 1.0)
    net = FAST.start(LocalModels(tmp_path), yolox.LAYOUT)
    with pytest.raises(error, match=message):
        Net(Broken(net.session, answer), net.layout).run(np.zeros((1, 3, 640, 640), np.float32))


def test_a_net_that_does_not_fit_is_not_a_damaged_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_detector(tmp_path / "dwpose" / "yolox_l.onnx", None, 1.0)

    def full(*args: object, **options: object) -> None:
        raise type("Fail", (Exception,), {})("CUDNN_STATUS_ALLOC_FAILED")

    monkeypatch.setattr(ort, "InferenceSession", full)
    with pytest.raises(OutOfMemory, match=r"yolox_l\.onnx did not fit into memory"):
        FAST.start(LocalModels(tmp_path), yolox.LAYOUT)


def test_the_published_files_are_pinned() -> None:
    assert {model.id for model in MODELS} == {"dwpose", "schp-atr", "schp-lip"}
    for model in MODELS:
        assert len(model.revision) == 40
        assert all(file.size and len(file.sha256 or "") == 64 for file in model.files)
        assert model.commercial_use or model.alternatives
