"""What a store that fails, lies or cuts off its bytes must not do to the results."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import pytest

from tests.core.test_materials import RED, png
from tests.core.test_produce import ALL, PARSE, TASKS, Press, Shop, messages, names
from tests.fakes import MemoryBlobs, MemoryRecords, MemoryUploads
from tryon.core.depot import Made
from tryon.core.encoding import Encoded
from tryon.core.errors import InputMissing, StoreError
from tryon.core.materials import Materials
from tryon.core.records import Publication, Record
from tryon.core.stages.stage import Task
from tryon.core.stages.tally import Status
from tryon.core.uploads import UploadKind, User
from tryon.core.words import Refused

TOP = TASKS[0][0]


class Cutting(MemoryBlobs):
    """The next reads end too early, each at another place."""

    def __init__(self, cuts: Sequence[int]) -> None:
        super().__init__()
        self.cuts, self.deleted = list(cuts), list[str]()

    def delete(self, path: str) -> bool:
        self.deleted.append(path)
        return super().delete(path)

    def get(self, path: str) -> bytes:
        data = super().get(path)
        return data[: self.cuts.pop()] if self.cuts else data


class Lying(MemoryRecords):
    """Publishes, and loses the answer, as often as `lies` says."""

    lies = 0

    def publish(self, records: Sequence[Record]) -> list[Publication]:
        found = super().publish(records)
        if self.lies:
            self.lies -= 1
            raise ConnectionResetError("the answer was lost")
        return found


class Unsteady(MemoryRecords):
    """The next call of each of these methods fails."""

    broken: set[str]

    def _once(self, name: str) -> None:
        if name in self.broken:
            self.broken.remove(name)
            raise TimeoutError(f"{name} does not answer")

    def claim(self, keys: Sequence[str], holder: str, seconds: float) -> set[str]:
        granted = super().claim(keys, holder, seconds)
        self._once("claim")
        return granted

    def release(self, keys: Sequence[str], holder: str) -> None:
        self._once("release")
        super().release(keys, holder)


def test_a_bad_read_back_does_not_take_away_a_good_blob_that_is_published() -> None:
    """Both products have equal bytes, so they share a blob; were it deleted, a kill would leave the first without."""

    class Same(Press):
        def work(self, jobs: Sequence[Task]) -> list[tuple[Made | Refused, ...]]:
            return [(Made(Encoded(b"equal bytes", "txt", "text/plain")),) for _ in jobs]

    blobs = Cutting([])
    shop = Shop(blobs=blobs)
    shop.make(Same(), TASKS[:1])
    blobs.cuts = [2, 3]
    tally = shop.make(Same(), TASKS[1:2])
    assert (names(tally, Status.MADE), blobs.cuts, blobs.deleted) == (ALL[1:2], [], [])


def test_a_read_back_that_was_cut_off_once_is_tried_again() -> None:
    tally = Shop(blobs=Cutting([2])).make(Press())
    assert (names(tally, Status.MADE), tally.engine_calls) == (ALL, 5)


def test_a_publication_whose_answer_was_lost_is_this_runs_own() -> None:
    records = Lying()
    records.lies = 1
    tally = Shop(records=records).make(Press(batch_size=5))
    assert (names(tally, Status.MADE), tally.engine_calls) == (ALL, 5)


def test_a_publication_that_always_lies_is_still_this_runs_own() -> None:
    records = Lying()
    records.lies = 3
    tally = Shop(records=records).make(Press(batch_size=5))
    assert (names(tally, Status.MADE), names(tally, Status.FAILED)) == (ALL, [])


def test_another_runs_publication_is_kept() -> None:
    shop = Shop()
    shop.make(Press(made=PARSE), [PARSE[1:]], run_id="first")
    tally = shop.make(Press(made=PARSE), [PARSE], run_id="second")
    assert (names(tally, Status.MADE), len(names(tally, Status.KEPT))) == (["body"], 5)


def test_products_of_one_pass_are_published_together_or_not_at_all() -> None:
    """Masks without their parse would be followed by another parse that they were not computed from."""

    class Parse(Press):
        def work(self, jobs: Sequence[Task]) -> list[tuple[Made | Refused, ...]]:
            parse = Made(Encoded(b"parse", "npz", "application/octet-stream"))
            made = zip(jobs, super().work(jobs), strict=True)
            return [(parse, *row[1:]) if task is PARSE else row for task, row in made]

    shop = Shop(blobs=MemoryBlobs(unwritable=(".npz",)))
    tally = shop.make(Parse(), [PARSE, *TASKS])
    assert sorted(messages(tally)) == sorted(product.name for product in PARSE)
    assert [name for name in ("body", "upper", "face") if shop.found(name)] == []
    assert names(tally, Status.MADE) == ALL


def test_a_claim_whose_answer_was_lost_is_claimed_again_and_given_back() -> None:
    records = Unsteady()
    records.broken = {"claim", "release"}
    tally = Shop(records=records).make(Press())
    assert names(tally, Status.MADE) == ALL
    keys = {task[0].key for task in TASKS}
    assert records.claim(sorted(keys), "you:2", 1.0) == keys


def test_a_lease_that_may_have_been_granted_is_given_back_when_claiming_fails() -> None:
    class Never(MemoryRecords):
        def claim(self, keys: Sequence[str], holder: str, seconds: float) -> set[str]:
            granted = super().claim(keys, holder, seconds)
            if holder.startswith("me"):
                raise StoreError("the answer was lost")
            return granted

    records, keys = Never(), {task[0].key for task in TASKS}
    with pytest.raises(StoreError):
        Shop(records=records).make(Press())
    assert records.claim(sorted(keys), "you:2", 1.0) == keys


class CutUploads(MemoryUploads):
    """The first reads of a photo end too early."""

    cut = 1

    def open(self, kind: UploadKind, upload_id: str) -> bytes:
        data = super().open(kind, upload_id)
        self.cut -= 1
        return data[:5] if self.cut >= 0 else data


def test_a_photo_whose_read_was_cut_off_is_read_again() -> None:
    uploads, data = CutUploads(), png(RED)
    uploads.photos[UploadKind.USER, "ann"] = data
    ann = User(1, "ann", sha256(data).hexdigest())
    materials = Materials(uploads, MemoryBlobs(), MemoryRecords())
    assert materials.photo(ann).pixels.shape == RED.shape


def test_a_photo_that_stays_cut_off_is_no_verdict() -> None:
    """It must not be refused as a damaged picture: that would be remembered for good."""
    uploads, data = CutUploads(), png(RED)
    uploads.cut = 99
    uploads.photos[UploadKind.USER, "ann"] = data
    with pytest.raises(InputMissing, match="'ann' was replaced"):
        Materials(uploads, MemoryBlobs(), MemoryRecords()).photo(User(1, "ann", sha256(data).hexdigest()))
