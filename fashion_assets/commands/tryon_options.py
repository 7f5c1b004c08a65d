"""What `fashion serve tryon` may be told on its command line, as settings. What is left out changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from fashion_assets.commands.opening import read_settings
from tryon.core.errors import InvalidSetting
from tryon.core.models import Model
from tryon.engines.catvton.models import ATTENTION, BASE
from tryon.profiles.engines import chosen
from tryon.settings import Settings

Precision = Literal["no", "fp16", "bf16"]


@dataclass(frozen=True, slots=True)
class TryonOptions:
    """base_model, resume_path: the published id, or a folder laid out like it. width, height: the largest working size
    in pixels. queue: requests that may wait while another one is worked on."""

    base_model: str | None = None
    resume_path: str | None = None
    width: int | None = None
    height: int | None = None
    mixed_precision: Precision | None = None
    workers: int = 1
    queue: int | None = None

    def settings(self, data: Path | None) -> Settings:
        """The environment's, changed. data: as in `read_settings`. Raises InvalidSetting naming the option."""
        if self.workers != 1:
            raise InvalidSetting(
                f"--workers {self.workers}: the try-on service has one model on one GPU, so one worker; let requests "
                "wait with --queue, or start another service on another GPU"
            )
        found = read_settings(data, self._given())
        self._check_used(found)
        return found

    def _given(self) -> dict[str, object]:
        asked: dict[str, object] = {
            "base_model": _weights("--base-model", self.base_model, BASE),
            "resume_path": _weights("--resume-path", self.resume_path, ATTENTION["mix"]),
            "width": self.width,
            "height": self.height,
            "precision": self.mixed_precision,
            "waiting": self.queue,
        }
        return {name: value for name, value in asked.items() if value is not None}

    def _check_used(self, settings: Settings) -> None:
        """Nothing that was asked for is passed over in silence."""
        asked = {
            "--base-model": self.base_model,
            "--resume-path": self.resume_path,
            "--mixed-precision": self.mixed_precision,
        }
        given, dresser = [name for name, value in asked.items() if value], chosen(settings)["dresser"]
        if given and dresser != "catvton":
            raise InvalidSetting(
                f"{', '.join(given)}: the chosen dresser is {dresser}, which has neither such weights nor a precision; "
                "set FASHION_PROFILE=workstation or FASHION_DRESSER=catvton"
            )


def _weights(option: str, asked: str | None, published: Model) -> Path | None:
    if asked is None or asked == published.repo:
        return None
    folder = Path(asked).expanduser()
    if not folder.is_dir():
        raise InvalidSetting(
            f"{option} {asked}: it is {published.repo}, at the commit that was tested ({published.revision[:12]}), or "
            "a folder on this machine that is laid out like it; other repositories are not downloaded"
        )
    return folder.resolve()
