"""The whole parser on nets that answer what the published ones would answer for a person of the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from bench.local_models import LocalModels
from bench.parser_nets.files import LIP_OF
from bench.parser_nets.script import Person
from tests.engines.human_parser_tiny import catalogue_person, write_tiny
from tryon.core.anatomy import HIPS, SHOULDERS, Joint, Lip
from tryon.core.masks import make_masks
from tryon.core.ports import Body, BodyParser, Pixels
from tryon.core.quality import judge_mask
from tryon.core.words import MaskKind, Refused
from tryon.engines.human_parser import HumanParser
from tryon.engines.reasons import of_person

TRUE = catalogue_person()
"""768 x 1024, so that a parser works at the photo's size."""


def parser(folder: Path, lip: bool = False, work_side: int = 1536) -> HumanParser:
    return HumanParser(LocalModels(folder), "cpu", 1, lip, work_side)


def photo(size: tuple[int, int] = (768, 1024)) -> Pixels:
    """What the nets do not look at."""
    return np.full((size[1], size[0], 3), 180, np.uint8)


def parse(
    folder: Path, person: Person, others: Sequence[Person] = (), lip: Pixels | None = None
) -> Body | Refused:
    write_tiny(folder, person, tuple(others), lip)
    height, width = person.body.labels.shape
    [answer] = parser(folder, lip is not None).parse([photo((width, height))])
    return answer


def parsed(answer: Body | Refused) -> Body:
    assert isinstance(answer, Body), answer
    return answer


def iou(ours: NDArray[np.bool_], theirs: NDArray[np.bool_]) -> float:
    return float(np.count_nonzero(ours & theirs) / np.count_nonzero(ours | theirs))


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny(tmp_path_factory.mktemp("standing"), TRUE)


# What comes back


def test_labels_and_joints_of_a_person_come_back(standing: Path) -> None:
    engine: BodyParser = parser(standing)
    body = parsed(engine.parse([photo()])[0])
    assert (body.labels.dtype.name, body.keypoints.dtype.name, body.lip) == ("uint8", "float32", None)
    assert np.mean(body.labels == TRUE.body.labels) > 0.99
    scale = 1.25 * max((TRUE.box[3] - TRUE.box[1]) / 384, (TRUE.box[2] - TRUE.box[0]) / 288)
    away = np.abs(body.keypoints - TRUE.body.keypoints)[:, :2]
    # Half a bin of half a pixel of the crop; the neck lies between the shoulders.
    assert away.max() <= 0.26 * scale
    assert np.array_equal(body.keypoints[:, 2], TRUE.body.keypoints[:, 2])


@pytest.mark.parametrize("user", ["u1", "u2", "u3", "u4"])
def test_every_kind_of_mask_can_be_published(tmp_path: Path, user: str) -> None:
    person = catalogue_person(user)
    body = parsed(parse(tmp_path, person))
    masks, true = make_masks(body), make_masks(person.body)
    for kind in MaskKind:
        mask = masks[kind]
        assert not isinstance(mask, Refused), mask
        assert judge_mask(mask, (768, 1024), kind, body.labels) is None
        assert iou(mask > 0, np.asarray(true[kind]) > 0) > 0.95, kind


def test_the_second_parser_gives_a_second_map(tmp_path: Path) -> None:
    lip = LIP_OF[TRUE.body.labels]
    coat = np.where(lip == Lip.UPPER, np.uint8(Lip.COAT), lip)
    body = parsed(parse(tmp_path, TRUE, lip=coat))
    assert body.lip is not None
    assert np.mean(body.lip == coat) > 0.99
    assert not [mask for mask in make_masks(body).values() if isinstance(mask, Refused)]


@pytest.mark.parametrize("size", [(1536, 2048), (3000, 4000), (384, 512), (96, 128), (769, 1023)])
def test_other_sizes_of_the_same_photo_give_the_same_person(standing: Path, size: tuple[int, int]) -> None:
    body = parsed(parser(standing).parse([photo(size)])[0])
    assert body.labels.shape == (size[1], size[0])
    small = np.asarray(cv2.resize(body.labels, (768, 1024), interpolation=cv2.INTER_NEAREST_EXACT), np.uint8)
    assert iou(small > 0, TRUE.body.labels > 0) > 0.93
    points = body.keypoints[:, :2] * (768 / size[0], 1024 / size[1])
    assert np.abs(points - TRUE.body.keypoints[:, :2]).max() < 0.8 + 2 * 768 / size[0]


def test_a_larger_photo_is_worked_on_at_the_work_size(standing: Path) -> None:
    asked: list[tuple[int, ...]] = []
    engine = parser(standing, work_side=400)
    bounded = engine._bounded

    def spy(image: Pixels) -> Pixels:
        small = bounded(image)
        asked.append(small.shape)
        return small

    engine._bounded = spy  # type: ignore[method-assign]
    body = parsed(engine.parse([photo((1536, 2048))])[0])
    assert asked == [(400, 300, 3)]
    assert body.labels.shape == (2048, 1536)


def test_an_answer_does_not_depend_on_its_neighbours(standing: Path) -> None:
    together = parser(standing).parse([photo(), photo((100, 800)), photo((384, 512))])
    alone = [parser(standing).parse([image])[0] for image in (photo(), photo((384, 512)))]
    for ours, theirs in zip((together[0], together[2]), alone, strict=True):
        assert np.array_equal(parsed(ours).labels, parsed(theirs).labels)
        assert np.array_equal(parsed(ours).keypoints, parsed(theirs).keypoints)


# Silhouettes


def test_the_silhouette_of_a_look_is_the_labelled_person(standing: Path) -> None:
    [area] = parser(standing).silhouettes([photo()])
    assert area.dtype == np.uint8
    assert set(np.unique(area)) == {0, 1}
    assert iou(area > 0, TRUE.body.labels > 0) > 0.98


def test_a_silhouette_needs_no_detected_person_and_no_pose_net(tmp_path: Path) -> None:
    write_tiny(tmp_path, replace(TRUE, score=0.2))
    (tmp_path / "dwpose" / "dw-ll_ucoco_384.onnx").unlink()
    [area] = parser(tmp_path).silhouettes([photo()])
    assert iou(area > 0, TRUE.body.labels > 0) > 0.98


# Photos that cannot be used


def without(person: Person, *joints: Joint, score: float = 0.0) -> Person:
    points = person.body.keypoints.copy()
    points[list(joints), 2] = score
    return replace(person, body=replace(person.body, keypoints=points))


def cut(person: Person, left: int = 0, top: int = 0, right: int = 768, bottom: int = 1024) -> Person:
    """The part of the photo inside that box."""
    labels = np.ascontiguousarray(person.body.labels[top:bottom, left:right])
    points = person.body.keypoints - np.array([left, top, 0], np.float32)
    return Person.of(Body(labels, points.astype(np.float32)))


def beside(person: Person, box: tuple[float, float, float, float], score: float) -> Person:
    return replace(person, box=box, score=score)


def joint_row(joint: Joint, share: float = 0.0) -> int:
    """Row of a joint, and a share of the photo's height below it."""
    return int(TRUE.body.keypoints[joint, 1] + share * 1024)


def joint_column(joint: Joint) -> int:
    return int(TRUE.body.keypoints[joint, 0])


def test_nobody_is_no_person(tmp_path: Path) -> None:
    assert parse(tmp_path, replace(TRUE, score=0.29)) == of_person("no_person")


def test_two_people_are_several(tmp_path: Path) -> None:
    assert parse(tmp_path, TRUE, [beside(TRUE, (10, 100, 200, 1000), 0.8)]) == of_person("several_people")


def test_a_passer_by_is_not_parsed(tmp_path: Path) -> None:
    labels = TRUE.body.labels.copy()
    assert not labels[300:500, 700:760].any()
    labels[300:500, 700:760] = 4
    person = replace(TRUE, body=replace(TRUE.body, labels=labels))
    body = parsed(parse(tmp_path, person, [beside(TRUE, (695, 290, 765, 510), 0.5)]))
    assert not body.labels[290:510, 690:].any()
    assert np.mean(body.labels == TRUE.body.labels) > 0.99


def test_a_head_out_of_the_photo_is_refused_and_a_cut_off_hair_line_is_not(tmp_path: Path) -> None:
    assert parse(tmp_path / "a", cut(TRUE, top=joint_row(Joint.CHIN))) == of_person("head_out_of_frame")
    hair = cut(TRUE, top=int(TRUE.box[1]) + 12)
    assert hair.body.labels[0].any()
    parsed(parse(tmp_path / "b", hair))


def test_hips_out_of_the_photo_are_refused_and_knees_are_not(tmp_path: Path) -> None:
    answer = parse(tmp_path / "a", cut(TRUE, bottom=joint_row(Joint.RIGHT_HIP, -0.05)))
    assert isinstance(answer, Refused)
    assert (answer.code, answer.message[-1]) == ("torso_out_of_frame", ".")
    body = parsed(parse(tmp_path / "b", cut(TRUE, bottom=joint_row(Joint.RIGHT_KNEE, -0.05))))
    masks = make_masks(body)
    lower, upper = masks[MaskKind.LOWER], masks[MaskKind.UPPER]
    assert isinstance(lower, Refused)
    assert lower.code == "legs_not_visible"
    assert not isinstance(upper, Refused)


@pytest.mark.parametrize("joint", [Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER])
def test_a_shoulder_out_of_the_photo_is_refused(tmp_path: Path, joint: Joint) -> None:
    column = joint_column(joint)
    person = cut(TRUE, left=column + 4) if column < 384 else cut(TRUE, right=column - 4)
    assert parse(tmp_path, person) == of_person("person_cut_off")


def test_an_arm_out_of_the_photo_is_not_refused(tmp_path: Path) -> None:
    column = (joint_column(Joint.RIGHT_WRIST) + joint_column(Joint.RIGHT_ELBOW)) // 2
    parsed(parse(tmp_path, cut(TRUE, left=column)))


def test_an_unclear_torso_is_refused(tmp_path: Path) -> None:
    assert parse(tmp_path, without(TRUE, *SHOULDERS, *HIPS, score=0.2)) == of_person("pose_unclear")


def test_a_person_whom_the_parser_does_not_see_has_an_empty_mask(tmp_path: Path) -> None:
    blank = replace(TRUE, body=replace(TRUE.body, labels=np.zeros_like(TRUE.body.labels)))
    answer = parse(tmp_path, blank)
    assert isinstance(answer, Refused)
    assert answer.code == "empty_mask"


def test_parsers_that_disagree_are_refused(tmp_path: Path) -> None:
    away = np.roll(LIP_OF[TRUE.body.labels], 250, axis=0)
    answer = parse(tmp_path, TRUE, lip=away)
    assert isinstance(answer, Refused)
    assert answer.code == "parsers_disagree"


def test_random_nets_answer_every_photo(tmp_path: Path) -> None:
    write_tiny(tmp_path)
    rng = np.random.default_rng(1)
    images = [rng.integers(0, 256, (*size, 3)).astype(np.uint8) for size in ((64, 64), (80, 640), (300, 201))]
    assert [type(answer) for answer in parser(tmp_path, lip=True).parse(images)] == [Refused] * 3


# The card


def test_the_card_names_what_decides_the_result() -> None:
    models = LocalModels(Path("nowhere"))
    card = HumanParser(models, "cpu").card
    assert (card.id, card.commercial_use, card.deterministic) == ("human-parser", False, True)
    assert card.revision == "1.1a71441.585a32e"
    assert card.licence == "Apache-2.0 AND CC-BY-NC-SA-4.0"
    assert not HumanParser(models).card.deterministic
    others = [HumanParser(models, "cpu", lip=True).card, HumanParser(models, "cpu", work_side=1024).card]
    assert all(other.parameters != card.parameters for other in others)


def test_nothing_is_loaded_before_the_first_photo(tmp_path: Path) -> None:
    engine = parser(tmp_path)
    write_tiny(tmp_path, TRUE)
    first = engine.parse([photo()])[0]
    for path in tmp_path.rglob("*.onnx"):
        path.unlink()
    assert np.array_equal(parsed(first).labels, parsed(engine.parse([photo()])[0]).labels)
