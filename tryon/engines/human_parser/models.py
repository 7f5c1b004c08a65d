"""The published weights that the body parser loads."""

from __future__ import annotations

from tryon.core.models import Model, ModelFile

DWPOSE = Model(
    id="dwpose",
    repo="yzd-v/DWPose",
    revision="1a7144101628d69ee7a3768d1ee3a094070dc388",
    files=(
        ModelFile(
            "yolox_l.onnx",
            size=216_746_733,
            sha256="7860ae79de6c89a3c1eb72ae9a2756c0ccfbe04b7791bb5880afabd97855a411",
        ),
        ModelFile(
            "dw-ll_ucoco_384.onnx",
            size=134_399_116,
            sha256="724f4ff2439ed61afb86fb8a1951ec39c6220682803b4a8bd4f598cd913b1843",
        ),
    ),
    licence="Apache-2.0",
    commercial_use=True,
    terms="https://www.apache.org/licenses/LICENSE-2.0",
    facts={"paper": "https://arxiv.org/abs/2307.15880"},
)

_IDM_VTON = "585a32e74aee241cbc0d0cc3ab21392ca58c916a"
_NON_COMMERCIAL = "https://creativecommons.org/licenses/by-nc-sa/4.0/"

SCHP_ATR = Model(
    id="schp-atr",
    repo="yisol/IDM-VTON",
    revision=_IDM_VTON,
    files=(
        ModelFile(
            "humanparsing/parsing_atr.onnx",
            size=266_859_305,
            sha256="04c7d1d070d0e0ae943d86b18cb5aaaea9e278d97462e9cfb270cbbe4cd977f4",
        ),
    ),
    # Of the repository that publishes it. SCHP's code is MIT; its weights were trained on research data.
    licence="CC-BY-NC-SA-4.0",
    commercial_use=False,
    terms=_NON_COMMERCIAL,
    alternatives=("studio-parser",),
    facts={"paper": "https://arxiv.org/abs/1910.09777"},
)

SCHP_LIP = Model(
    id="schp-lip",
    repo="yisol/IDM-VTON",
    revision=_IDM_VTON,
    files=(
        ModelFile(
            "humanparsing/parsing_lip.onnx",
            sha256="8436e1dae96e2601c373d1ace29c8f0978b16357d9038c17a8ba756cca376dbc",
        ),
    ),
    licence="CC-BY-NC-SA-4.0",
    commercial_use=False,
    terms=_NON_COMMERCIAL,
    alternatives=("studio-parser",),
    facts={"paper": "https://arxiv.org/abs/1910.09777"},
)

MODELS: tuple[Model, ...] = (DWPOSE, SCHP_ATR, SCHP_LIP)
