"""The published nets. Sizes and digests are those of the hub's LFS objects at these commits."""

from __future__ import annotations

from tryon.core.models import Model, ModelFile

DETECTOR, POSE = "yolox_l.onnx", "dw-ll_ucoco_384.onnx"
ATR_FILE, LIP_FILE = "humanparsing/parsing_atr.onnx", "humanparsing/parsing_lip.onnx"

DWPOSE = Model(
    id="dwpose",
    repo="yzd-v/DWPose",
    revision="1a7144101628d69ee7a3768d1ee3a094070dc388",
    files=(
        ModelFile(DETECTOR, 216746733, "7860ae79de6c89a3c1eb72ae9a2756c0ccfbe04b7791bb5880afabd97855a411"),
        ModelFile(POSE, 134399116, "724f4ff2439ed61afb86fb8a1951ec39c6220682803b4a8bd4f598cd913b1843"),
    ),
    licence="Apache-2.0",
    commercial_use=True,
    terms="https://github.com/IDEA-Research/DWPose/blob/onnx/LICENSE",
)

_IDM_VTON = "585a32e74aee241cbc0d0cc3ab21392ca58c916a"
_SCHP_LICENCE = "CC-BY-NC-SA-4.0"
"""Of the hub's repository. The code of SCHP is MIT; its weights were trained on ATR and LIP, which are for research,
so what they may be used for is not settled anywhere else either."""
_SCHP_TERMS = "https://creativecommons.org/licenses/by-nc-sa/4.0/legalcode"
_INSTEAD = ("studio-parser",)

SCHP_ATR = Model(
    id="schp-atr",
    repo="yisol/IDM-VTON",
    revision=_IDM_VTON,
    files=(
        ModelFile(ATR_FILE, 266859305, "04c7d1d070d0e0ae943d86b18cb5aaaea9e278d97462e9cfb270cbbe4cd977f4"),
    ),
    licence=_SCHP_LICENCE,
    commercial_use=False,
    terms=_SCHP_TERMS,
    alternatives=_INSTEAD,
    facts={"code": "MIT, https://github.com/GoGoDuck912/Self-Correction-Human-Parsing"},
)

SCHP_LIP = Model(
    id="schp-lip",
    repo="yisol/IDM-VTON",
    revision=_IDM_VTON,
    files=(
        ModelFile(LIP_FILE, 266863411, "8436e1dae96e2601c373d1ace29c8f0978b16357d9038c17a8ba756cca376dbc"),
    ),
    licence=_SCHP_LICENCE,
    commercial_use=False,
    terms=_SCHP_TERMS,
    alternatives=_INSTEAD,
    facts={"code": "MIT, https://github.com/GoGoDuck912/Self-Correction-Human-Parsing"},
)

MODELS: tuple[Model, ...] = (DWPOSE, SCHP_ATR, SCHP_LIP)
"""SCHP_LIP is needed only by a parser with `lip=True`."""
