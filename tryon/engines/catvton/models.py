"""The published weights that `CatVton` loads."""

from __future__ import annotations

from typing import Literal

from tryon.core.models import Model, ModelFile

Variant = Literal["mix", "vitonhd", "dresscode"]
"""What the attention was trained on: both data sets at 768x1024, or one of them at 384x512."""

BASE = Model(
    id="stable-diffusion-inpainting",
    repo="booksforcharlie/stable-diffusion-inpainting",
    revision="d260cf3646fe94c6d5d70820b77512f836d7cce2",
    files=(
        ModelFile("unet/config.json", size=748),
        # A pickle of tensors (3.44 GB): the repository holds no safetensors of it. Its digest is published nowhere
        # that could be checked; what the first download brought is compared from then on.
        ModelFile("unet/diffusion_pytorch_model.bin"),
        ModelFile("scheduler/scheduler_config.json", size=313),
    ),
    licence="CreativeML-OpenRAIL-M",
    commercial_use=True,
    terms="https://huggingface.co/spaces/CompVis/stable-diffusion-license",
    facts={"terms": "use-based restrictions are passed on to whoever uses the results"},
)

VAE = Model(
    id="sd-vae-ft-mse",
    repo="stabilityai/sd-vae-ft-mse",
    revision="31f26fdeee1355a5c34592e401dd41e45d25a493",
    files=(
        ModelFile(
            "config.json",
            size=547,
            sha256="92d3dfb746fca211a2c9e019e285f8597412211728dce3c5bcf4eda0f2d62e7e",
        ),
        ModelFile(
            "diffusion_pytorch_model.safetensors",
            size=334_643_276,
            sha256="a1d993488569e928462932c8c38a0760b874d166399b14414135bd9c42df5815",
        ),
    ),
    licence="MIT",
    commercial_use=True,
    terms="https://huggingface.co/stabilityai/sd-vae-ft-mse",
)

CHECKER = Model(
    id="stable-diffusion-safety-checker",
    repo="CompVis/stable-diffusion-safety-checker",
    revision="1664e306d2258485321cbbd8083074c9474d4e41",
    files=(
        ModelFile("config.json"),
        ModelFile("preprocessor_config.json", size=342),
        ModelFile(
            "model.safetensors",
            sha256="08902f19b1cfebd7c989f152fc0507bef6898c706a91d666509383122324b511",
        ),
    ),
    licence="CreativeML-OpenRAIL-M",
    commercial_use=True,
    terms="https://huggingface.co/spaces/CompVis/stable-diffusion-license",
)

FOLDERS: dict[Variant, str] = {
    "mix": "mix-48k-1024",
    "vitonhd": "vitonhd-16k-512",
    "dresscode": "dresscode-16k-512",
}


def _attention(id: str, variant: Variant, size: int | None = None, sha256: str | None = None) -> Model:
    return Model(
        id=id,
        repo="zhengchong/CatVTON",
        revision="2969fcf85fe62f2036605716f0b56f0b81d01d79",
        files=(ModelFile(f"{FOLDERS[variant]}/attention/model.safetensors", size, sha256),),
        licence="CC-BY-NC-SA-4.0",
        commercial_use=False,
        terms="https://creativecommons.org/licenses/by-nc-sa/4.0/",
        alternatives=("warp", "fashn-vton-1.5", "jco-mvton"),
        facts={"paper": "https://arxiv.org/abs/2407.15886", "tensors": "80, 49.57 million numbers"},
    )


ATTENTION: dict[Variant, Model] = {
    "mix": _attention(
        "catvton",
        "mix",
        size=198_303_368,
        sha256="a1fc093f1b6744623079e6f4e7313411f524e388c4b7467df1e0e7f577cba23a",
    ),
    "vitonhd": _attention("catvton-vitonhd", "vitonhd"),
    "dresscode": _attention("catvton-dresscode", "dresscode"),
}

MODELS: tuple[Model, ...] = (BASE, VAE, *ATTENTION.values(), CHECKER)
