"""ONNX Runtime sessions: where they run, with how many threads, and whether a file is the net it should be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from tryon.core.errors import DeviceMissing, ModelDamaged, ModelMissing
from tryon.core.models import Model, Models
from tryon.engines.cores import usable_cores
from tryon.engines.torch_runtime import Device, named_memory, need

Array = NDArray[np.float32]
Shape = tuple[int | None, ...]
"""None is an axis of any length."""

CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"

UNREADABLE = ("InvalidProtobuf", "InvalidGraph", "NoModel", "Fail", "InvalidArgument", "NotImplemented")
"""What ONNX Runtime raises on a file that is no net, or one that it cannot run."""


@dataclass(frozen=True)
class Layout:
    """A published net. outputs: those that are used, of which `first` is the place of the first. Names are read from
    the file, since they differ between exports."""

    model: Model
    file: str
    input: Shape
    outputs: tuple[Shape, ...]
    first: int = 0


@dataclass(frozen=True)
class Runtime:
    device: Device = "auto"
    threads: int | None = None
    """Of one net on the CPU; None: all processors that the process may use."""

    def start(self, models: Models, layout: Layout) -> Net:
        """Raises ModelMissing, ModelDamaged, DeviceMissing, OutOfMemory, PackageMissing."""
        path = models.folder(layout.model) / layout.file
        if not path.is_file():
            raise ModelMissing(f"{path} is missing; run `fashion models pull {layout.model.id}`")
        net = Net(self._session(path, layout), layout)
        net.check()
        return net

    def _session(self, path: Path, layout: Layout) -> Any:
        ort = need("onnxruntime")
        providers = choose_providers(self.device, ort.get_available_providers())
        if providers[0] != CPU:
            # CUDA's libraries are in packages of Python's, where ONNX Runtime does not look by itself.
            ort.preload_dlls()
        try:
            with named_memory(layout.file):
                session = ort.InferenceSession(
                    str(path), session_options(ort, providers, self.threads), providers=providers
                )
        except Exception as error:
            if type(error).__name__ not in UNREADABLE:
                raise
            model = layout.model.id
            raise ModelDamaged(
                f"{path} cannot be loaded ({error}); run `fashion models pull {model}` again"
            ) from error
        if self.device == "cuda" and CUDA not in session.get_providers():
            raise DeviceMissing(
                f"FASHION_DEVICE=cuda, but ONNX Runtime could not start {CUDA}; check the driver, or set it to cpu"
            )
        return session


def choose_providers(device: Device, available: Sequence[str]) -> list[Any]:
    """Provider names with their options. Raises DeviceMissing when CUDA was asked for and is not built in."""
    if device == "cuda" and CUDA not in available:
        raise DeviceMissing(
            f"FASHION_DEVICE=cuda, but ONNX Runtime has only {', '.join(available)}; "
            "install onnxruntime-gpu, or set it to cpu"
        )
    if device == "cpu" or CUDA not in available:
        return [CPU]
    # TF32 would move scores by a thousandth; the search for the fastest kernel would choose another one each time.
    return [(CUDA, {"use_tf32": "0", "cudnn_conv_algo_search": "HEURISTIC"}), CPU]


def session_options(ort: Any, providers: Sequence[Any], threads: int | None) -> Any:
    """As many threads as cores, and none that spins: four nets share the cores, and idle pools halve the speed.

    Without the arena, which keeps every net's largest memory for ever: 1.5 instead of 2.2 GB for four nets, for at
    most a tenth more time.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads or usable_cores(), 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.enable_cpu_mem_arena = providers[0] != CPU
    # Errors come as exceptions; warnings are about nodes that stay on the CPU.
    options.log_severity_level = 3
    return options


@dataclass(frozen=True)
class Net:
    session: Any
    layout: Layout

    @property
    def device(self) -> str:
        """Where it runs, as the session itself says: cpu or cuda."""
        return "cuda" if CUDA in self.session.get_providers() else "cpu"

    def check(self) -> None:
        """Raises ModelDamaged when the declared input or outputs are not those of the published net."""
        inputs, outputs = self.session.get_inputs(), self._outputs()
        if len(inputs) != 1 or len(outputs) < len(self.layout.outputs):
            least = self.layout.first + len(self.layout.outputs)
            found = f"{len(inputs)} inputs and {len(self.session.get_outputs())} outputs"
            self._wrong(found, f"1 input and at least {least} outputs")
        self._compare(inputs[0].name, inputs[0].shape, self.layout.input)
        for output, shape in zip(outputs, self.layout.outputs, strict=True):
            self._compare(output.name, output.shape, shape)

    def run(self, tensor: Array) -> list[Array]:
        """tensor: float32, as `layout.input`; the answers are as `layout.outputs`. Raises ModelDamaged, OutOfMemory."""
        names = [output.name for output in self._outputs()]
        with named_memory(self.layout.file):
            answers = self.session.run(names, {self.session.get_inputs()[0].name: tensor})
        for name, answer, shape in zip(names, answers, self.layout.outputs, strict=True):
            self._compare(name, answer.shape, shape)
            if not np.isfinite(answer).all():
                self._wrong(f"values in {name} that are not finite", "numbers")
        return [np.asarray(answer, np.float32) for answer in answers]

    def _outputs(self) -> list[Any]:
        first = self.layout.first
        outputs: list[Any] = self.session.get_outputs()[first : first + len(self.layout.outputs)]
        return outputs

    def _compare(self, name: str, found: Sequence[object], wanted: Shape) -> None:
        """An axis without a number fits any length."""
        fits = len(found) == len(wanted) and all(
            ours is None or not isinstance(theirs, int) or theirs == ours
            for theirs, ours in zip(found, wanted, strict=True)
        )
        if not fits:
            self._wrong(f"{name} of shape {list(found)}", str([size or "any" for size in wanted]))

    def _wrong(self, found: str, wanted: str) -> NoReturn:
        model, file = self.layout.model, self.layout.file
        raise ModelDamaged(
            f"{file} of {model.id} has {found} instead of {wanted}; run `fashion models pull {model.id}` again"
        )
