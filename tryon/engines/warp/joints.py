"""Joints moved to where the label map shows them: a net's joints are a few percent of the trunk off, outlines are not.

Constants are of the average adult of figure.py, in trunks.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tryon.core.ports import Pixels
from tryon.engines.warp.arrays import Points, across_run
from tryon.engines.warp.figure import Figure, leaning
from tryon.engines.warp.mannequin import SEAM

_SHOES, _CLOTHED, _BARE = (9, 10), (4, 7, 17), (14, 15)
# Depth of the soles; how far they are below the ankles.
_SOLES, _SOLE = 2.816, 0.212
# Hips are hidden under clothes and people's legs differ: the hips' own depth counts as much as that of the soles.
_OWN = 0.4
# A limb in its clothes is at most this wide; beyond, the run of labels is not one limb.
_WIDEST = {"elbows": 0.36, "wrists": 0.3, "knees": 0.5, "ankles": 0.5}
# The bend is off its outline's middle at most by this.
_FURTHEST = 0.08
# The hips' outline is read at these depths; the outline of the shoulders is trusted this far over the net's joints.
_HIPS_AT, _TRUST = (0.8, 0.85, 0.9, 0.95, 1.0, 1.05), 0.7
# Where the shoulder's outline is read, in distances of the shoulder joints, and how far it may be from SEAM.
_SHOULDER_AT, _MOST_SEAM = (0.4, 0.45, 0.5), 0.07
# A shirt is this thick on a shoulder.
_CLOTH = 0.012


def settle(figure: Figure, labels: Pixels) -> Figure:
    """The figure with its trunk, limbs and shoulders as labels [H, W] show them."""
    figure = _with_soles(_on_hips(_under_seam(figure, labels), labels), labels)
    for name, parent in (
        ("elbows", "shoulders"),
        ("wrists", "elbows"),
        ("knees", "hips"),
        ("ankles", "knees"),
    ):
        moved: dict[str, Any] = {name: _centred(figure, labels, name, parent)}
        figure = replace(figure, **moved)
    return replace(figure, seam=_seam(figure, labels))


def _under_seam(figure: Figure, labels: Pixels) -> Figure:
    """Shoulder joints as deep below the shoulders' outline as they are on most people."""
    lift = _TRUST * (_seam(figure, labels) - SEAM) * figure.trunk
    return leaning(replace(figure, shoulders=figure.shoulders + lift * figure.down))


def _on_hips(figure: Figure, labels: Pixels) -> Figure:
    """Hip joints around the middle of what is worn on the hips, where backdrop is seen on both sides of it."""
    found = [
        sum(run) / 2
        for level in _HIPS_AT
        if (run := across_run(labels > 0, figure.at(0.0, level * figure.trunk), figure.across, figure.trunk))
    ]
    if len(found) < 2:
        return figure
    off = float(np.clip(np.median(found), -_FURTHEST * figure.trunk, _FURTHEST * figure.trunk))
    middle = (figure.hips - figure.hips.mean(0)) + figure.at(off, float(figure.level(figure.hips).mean()))
    return leaning(replace(figure, hips=middle))


def _with_soles(figure: Figure, labels: Pixels) -> Figure:
    """Ankles above the soles, and hips where trunk and stature together put them."""
    soles = [np.flatnonzero((labels == shoe).any(1)) for shoe in _SHOES]
    if any(len(rows) == 0 for rows in soles):
        return figure
    depth = float(np.mean([figure.level(np.array([figure.origin[0], float(rows[-1])])) for rows in soles]))
    by_stature = depth / _SOLES
    if not 0.8 < by_stature / figure.trunk < 1.25:
        return figure
    trunk = _OWN * figure.trunk + (1.0 - _OWN) * by_stature
    lift = (depth - _SOLE * trunk - figure.level(figure.ankles))[:, None] * figure.down
    hips = figure.hips + (trunk - figure.level(figure.hips))[:, None] * figure.down
    return leaning(replace(figure, hips=hips, ankles=figure.ankles + lift))


def _centred(figure: Figure, labels: Pixels, name: str, parent: str) -> Points:
    """Joints [2, 2] moved across their limb to the middle of its outline, where backdrop is on both sides."""
    joints = getattr(figure, name).copy()
    for side in (0, 1):
        way = joints[side] - getattr(figure, parent)[side]
        if np.isnan(way).any():
            continue
        across = np.array([-way[1], way[0]]) / max(float(np.hypot(*way)), 1e-6)
        found = across_run(labels > 0, joints[side], across, _WIDEST[name] * figure.trunk)
        off = None if found is None else sum(found) / 2
        if off is not None and abs(off) < _FURTHEST * figure.trunk:
            joints[side] += off * across
    return np.asarray(joints)


def _seam(figure: Figure, labels: Pixels) -> float:
    """Depth of the shoulder seam in trunks: the outline of the shoulders, where no hair hangs over it."""
    found = []
    for side in (-1.0, 1.0):
        for share in _SHOULDER_AT:
            x = figure.origin[0] + side * share * figure.span
            column = labels[:, int(np.clip(x, 0, labels.shape[1] - 1))]
            rows = np.flatnonzero(column)
            if len(rows) and column[rows[0]] in (*_CLOTHED, *_BARE):
                bare = _CLOTH * figure.trunk if column[rows[0]] in _BARE else 0.0
                found.append(float(figure.level(np.array([x, rows[0] - bare]))) / figure.trunk)
    if len(found) < len(_SHOULDER_AT):
        return SEAM
    return float(np.clip(np.median(found), SEAM - _MOST_SEAM, SEAM + _MOST_SEAM))
