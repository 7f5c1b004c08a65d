"""A body survives packing bit for bit, and keeps its joints on its pixels when it is scaled."""

from __future__ import annotations

import io
import pickle
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tryon.core.body import pack_body, scale_body, unpack_body
from tryon.core.errors import BlobCorrupted
from tryon.core.ports import Body

bodies = st.builds(
    Body,
    labels=hnp.arrays(
        np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, max_side=30), elements=st.integers(0, 17)
    ),
    keypoints=hnp.arrays(np.float32, (19, 3), elements=st.floats(-100, 4000, width=32)),
)


@given(bodies)
def test_unpacking_gives_back_the_packed_body(body: Body) -> None:
    again = unpack_body(pack_body(body))
    assert again.labels.tobytes() == body.labels.tobytes()
    assert again.labels.shape == body.labels.shape
    assert again.keypoints.tobytes() == body.keypoints.tobytes()


def test_equal_bodies_are_equal_bytes_without_a_clock() -> None:
    first, second = (pack_body(_body()) for _ in range(2))
    assert first == second
    dates = {entry.date_time for entry in zipfile.ZipFile(io.BytesIO(first)).infolist()}
    assert dates == {(1980, 1, 1, 0, 0, 0)}


@given(st.binary(max_size=200))
def test_garbage_is_a_corrupted_blob(data: bytes) -> None:
    with pytest.raises(BlobCorrupted, match="parse the photo again"):
        unpack_body(data)


@given(st.integers(0, 400), st.integers(1, 255))
def test_damaged_bytes_never_give_another_body(position: int, change: int) -> None:
    data = bytearray(pack_body(_body()))
    data[position % len(data)] ^= change
    try:
        again = unpack_body(bytes(data))
    except BlobCorrupted:
        return
    assert again.labels.tobytes() == _body().labels.tobytes()
    assert again.keypoints.tobytes() == _body().keypoints.tobytes()


@pytest.mark.parametrize(
    ("labels", "keypoints", "reason"),
    [
        (np.zeros((4, 3), np.int32), np.zeros((19, 3), np.float32), "labels of int32"),
        (np.zeros((4, 3, 1), np.uint8), np.zeros((19, 3), np.float32), r"\(4, 3, 1\)"),
        (np.full((4, 3), 18, np.uint8), np.zeros((19, 3), np.float32), "label 18"),
        (np.zeros((4, 3), np.uint8), np.zeros((18, 3), np.float32), r"keypoints of float32 \(18, 3\)"),
        (np.zeros((4, 3), np.uint8), np.full((19, 3), np.nan, np.float32), "not finite"),
    ],
)
def test_wrong_arrays_are_named(labels: np.ndarray, keypoints: np.ndarray, reason: str) -> None:
    with pytest.raises(BlobCorrupted, match=reason):
        unpack_body(pack_body(Body(labels, keypoints)))


def test_pickles_and_missing_arrays_are_refused() -> None:
    with pytest.raises(BlobCorrupted):
        unpack_body(pickle.dumps(_body().labels))
    buffer = io.BytesIO()
    np.savez_compressed(buffer, labels=_body().labels)
    with pytest.raises(BlobCorrupted, match="keypoints"):
        unpack_body(buffer.getvalue())


def test_a_second_label_map_is_packed_and_scaled_and_old_bytes_have_none() -> None:
    lip = np.where(_body().labels > 0, np.uint8(19), np.uint8(0))
    body = replace(_body(), lip=lip)
    again, scaled = unpack_body(pack_body(body)), scale_body(body, (90, 40))
    assert again.lip is not None
    assert again.lip.tobytes() == lip.tobytes()
    assert scaled.lip is not None
    assert np.array_equal(scaled.lip > 0, scaled.labels > 0)
    old = io.BytesIO()
    np.savez_compressed(old, allow_pickle=False, labels=body.labels, keypoints=body.keypoints)
    assert unpack_body(old.getvalue()).lip is None
    assert pack_body(_body()) == old.getvalue()


@pytest.mark.parametrize(
    ("lip", "reason"),
    [
        (np.zeros((20, 31), np.uint8), "LIP labels of uint8"),
        (np.zeros((20, 30), np.int32), "LIP labels of int32"),
        (np.full((20, 30), 20, np.uint8), "LIP label 20"),
    ],
)
def test_a_wrong_second_label_map_is_named(lip: np.ndarray, reason: str) -> None:
    with pytest.raises(BlobCorrupted, match=reason):
        unpack_body(pack_body(replace(_body(), lip=lip)))


def test_scaling_keeps_joints_on_their_labels() -> None:
    body = _body()
    scaled = scale_body(body, (90, 40))
    assert scaled.labels.shape == (40, 90)
    assert set(np.unique(scaled.labels)) == set(np.unique(body.labels))
    x, y, score = scaled.keypoints[3]
    assert scaled.labels[int(y), int(x)] == 5
    assert score == body.keypoints[3, 2]
    rows, columns = np.nonzero(scaled.labels == 5)
    np.testing.assert_allclose((columns.mean() + 0.5, rows.mean() + 0.5), (x, y), atol=1e-4)


def test_scaling_to_the_same_size_changes_nothing() -> None:
    body = _body()
    same = scale_body(body, (30, 20))
    assert np.array_equal(same.labels, body.labels)
    np.testing.assert_allclose(same.keypoints, body.keypoints, atol=1e-5)


def _body() -> Body:
    labels = np.zeros((20, 30), np.uint8)
    labels[5:8, 11:14] = 5
    keypoints = np.zeros((19, 3), np.float32)
    keypoints[3] = 12.5, 6.5, 0.75
    return Body(labels, keypoints)
