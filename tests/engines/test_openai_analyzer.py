"""The analyzer against a peer that takes only right requests: what is asked, what is kept, and in which order."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import SecretStr

from tests.engines.openai_photos import TOPS, analyzer, by_number, number_of, photo, text_of
from tests.fakes import MemoryRecords
from tests.peers.openai_peer import (
    MODELS,
    Peer,
    Reply,
    error,
    incomplete,
    item,
    listening,
    photo_of,
    refusing,
    said,
    seeing,
)
from tests.peers.openai_requests import Asked, WrongRequest, read_request
from tryon.core.errors import (
    AccessDenied,
    AnswerUnusable,
    PackageMissing,
    QuotaExhausted,
    StoreDamaged,
    StoreError,
)
from tryon.core.ports import Analysis, Analyzer, ProductPhoto, SeenGarment
from tryon.core.uploads import UploadRef
from tryon.core.words import Category, Refused
from tryon.engines.openai_vision import OpenAiAnalyzer
from tryon.engines.openai_vision.client import question
from tryon.engines.openai_vision.failures import Wasted
from tryon.engines.openai_vision.picture import as_jpeg
from tryon.engines.openai_vision.prompt import INSTRUCTIONS, PROMPT_REVISION
from tryon.profiles.engines import Engines
from tryon.settings import Profile, Settings
from tryon.stores.holders import lease_holder
from tryon.stores.sqlite.database import Database
from tryon.stores.sqlite.records import SqliteRecords
from tryon.stores.unkept import Unkept


@pytest.fixture
def peer() -> Iterator[Peer]:
    with listening(by_number) as found:
        yield found
        assert found.wrong == []


def seen(number: int) -> Analysis:
    return Analysis((SeenGarment(Category.TOPS, f"sweater{number} top"),))


# What is asked


def test_one_right_request_and_what_it_says(peer: Peer) -> None:
    peer.answer = seeing(photo_of(item("grey sweater", "tops"), item("blue jeans", "bottoms")))
    engine: Analyzer = analyzer(peer)
    [found] = engine.analyze([photo()])
    assert found == Analysis((SeenGarment(Category.TOPS, "grey sweater"),), ("blue jeans",))
    [asked] = peer.asked
    assert (asked.model, asked.instructions, asked.body["temperature"]) == (MODELS[0], INSTRUCTIONS, 0.0)
    assert asked.headers["x-stainless-retry-count"] == "0"


def test_a_large_photo_is_sent_small(peer: Peer) -> None:
    large = np.full((4000, 3000, 3), 90, np.uint8)
    analyzer(peer).analyze([ProductPhoto(large, TOPS)])
    assert [asked.image.shape for asked in peer.asked] == [(1024, 768, 3)]


def test_a_model_without_temperature_is_asked_without(peer: Peer) -> None:
    analyzer(peer, temperature=None, model=MODELS[1]).analyze([photo()])
    assert [(asked.model, "temperature" in asked.body) for asked in peer.asked] == [(MODELS[1], False)]


def test_nothing_declared_is_refused_without_asking(peer: Peer) -> None:
    [found, other] = analyzer(peer).analyze([photo(1, ()), photo(2)])
    assert isinstance(found, Refused)
    assert (found.code, other, len(peer.asked)) == ("nothing_declared", seen(2), 1)


def test_an_empty_batch(peer: Peer) -> None:
    assert (analyzer(peer).analyze([]), peer.asked) == ([], [])


def test_answers_come_in_the_order_of_the_photos(peer: Peer) -> None:
    """Though the one that is asked first is answered last."""
    first = threading.Event()

    def late(asked: Asked) -> Mapping[str, Any]:
        if not first.is_set():
            first.set()
            time.sleep(0.3)
        return by_number(asked)

    peer.answer = late
    numbers = [5, 3, 9, 1, 7, 2]
    assert analyzer(peer, threads=4).analyze([photo(n) for n in numbers]) == [seen(n) for n in numbers]


# What is kept


def test_the_same_photo_is_paid_for_once(peer: Peer) -> None:
    records = MemoryRecords()
    assert analyzer(peer, records).analyze([photo(1), photo(2), photo(1)]) == [seen(1), seen(2), seen(1)]
    assert sorted(number_of(asked) for asked in peer.asked) == [1, 2]
    assert analyzer(peer, records).analyze([photo(2), photo(1)]) == [seen(2), seen(1)]
    assert len(peer.asked) == 2


def test_what_is_said_about_a_callers_photo_is_not_kept(peer: Peer) -> None:
    answers = Unkept()
    for _ in range(2):
        assert analyzer(peer, answers).analyze([photo(1), photo(2), photo(1)]) == [seen(1), seen(2), seen(1)]
    assert sorted(number_of(asked) for asked in peer.asked) == [1, 1, 2, 2]


def test_another_sidecar_is_answered_from_what_is_known(peer: Peer) -> None:
    peer.answer = seeing(photo_of(item("grey sweater", "tops"), item("blue jeans", "bottoms")))
    records = MemoryRecords()
    analyzer(peer, records).analyze([photo()])
    [found] = analyzer(peer, records).analyze([photo(1, (Category.BOTTOMS,))])
    assert found == Analysis((SeenGarment(Category.BOTTOMS, "blue jeans"),), ("grey sweater",))
    assert len(peer.asked) == 1


def test_what_is_known_needs_no_key_and_no_package(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    records = MemoryRecords()
    analyzer(peer, records).analyze([photo()])
    monkeypatch.setitem(sys.modules, "openai", None)
    assert analyzer(peer, records, api_key=None).analyze([photo()]) == [seen(1)]


@pytest.mark.parametrize("change", [{"model": MODELS[1]}, {"temperature": 0.5}, {"temperature": None}])
def test_what_decides_an_answer_is_part_of_its_key(peer: Peer, change: dict[str, object]) -> None:
    records = MemoryRecords()
    analyzer(peer, records).analyze([photo()])
    analyzer(peer, records, **change).analyze([photo()])
    assert len(peer.asked) == 2


def test_the_prompt_is_part_of_its_key(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    records = MemoryRecords()
    analyzer(peer, records).analyze([photo()])
    monkeypatch.setattr("tryon.engines.openai_vision.kept.PROMPT_REVISION", "another")
    analyzer(peer, records).analyze([photo()])
    assert len(peer.asked) == 2


def test_what_it_cost_is_kept_with_the_models_own_words(peer: Peer) -> None:
    records = MemoryRecords()
    analyzer(peer, records).analyze([photo()])
    [kept] = records._answers.values()
    assert json.loads(kept) == {"text": text_of(1), "usage": {"input_tokens": 1200, "output_tokens": 90}}


@pytest.mark.parametrize("reply", [said("{}"), said("not json"), error(400, "invalid_image")])
def test_what_is_no_answer_is_not_kept(peer: Peer, reply: Reply) -> None:
    records = MemoryRecords()
    peer.plan(reply)
    with suppress(AnswerUnusable):
        [found] = analyzer(peer, records).analyze([photo()])
        assert isinstance(found, Refused)
    assert records._answers == {}
    assert analyzer(peer, records).analyze([photo()]) == [seen(1)]


@pytest.mark.parametrize("reply", [refusing(), incomplete("content_filter")])
def test_a_refusal_was_paid_for_and_is_kept(peer: Peer, reply: Reply) -> None:
    records = MemoryRecords()
    peer.plan(reply)
    first = analyzer(peer, records).analyze([photo()])
    assert isinstance(first[0], Refused)
    assert (analyzer(peer, records).analyze([photo(1, (Category.SHOES,))]), len(peer.asked)) == (first, 1)


@pytest.mark.parametrize("reply", [said("not json"), incomplete("max_output_tokens")])
def test_answers_of_no_use_are_paid_for_twice_at_most(peer: Peer, reply: Reply) -> None:
    peer.plan(*[reply] * 9)
    engine = analyzer(peer)
    for _ in range(4):
        with pytest.raises(Wasted) as raised:
            engine.analyze([photo()])
    assert (len(peer.asked), "asked about 2 times" in str(raised.value)) == (2, True)


def test_two_processes_pay_for_a_photo_once(peer: Peer, tmp_path: Path) -> None:
    """Two items have the same photo; the leases of their crops cannot know."""
    asked, go_on = threading.Event(), threading.Event()

    def slow(request: Asked) -> Mapping[str, Any]:
        asked.set()
        assert go_on.wait(20)
        return by_number(request)

    def work(*numbers: int) -> list[Analysis | Refused]:
        with closing(Database(tmp_path / "fashion.sqlite")) as database:
            engine = analyzer(peer, SqliteRecords(database), holder=lease_holder())
            return engine.analyze([photo(n) for n in numbers])

    peer.answer = slow
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(work, 1)
        assert asked.wait(20)
        second = pool.submit(work, 1, 2)
        while len(peer.asked) < 2:
            time.sleep(0.01)
        go_on.set()
        assert (first.result(), second.result()) == ([seen(1)], [seen(1), seen(2)])
    assert [number_of(request) for request in peer.asked] == [1, 2]
    with closing(Database(tmp_path / "fashion.sqlite")) as database:
        assert SqliteRecords(database).leases() == []


def test_a_question_of_a_killed_process_is_not_waited_for(peer: Peer, tmp_path: Path) -> None:
    gone = f"{lease_holder().partition(':')[0]}:999999.1:abc"
    with closing(Database(tmp_path / "fashion.sqlite")) as database:
        records = SqliteRecords(database)
        engine = analyzer(peer, records)
        assert records.claim([engine._key(photo())], gone, 600) != set()
        assert engine.analyze([photo()]) == [seen(1)]


def test_the_profiles_analyzer_names_its_process_in_leases() -> None:
    settings = Settings(profile=Profile.WORKSTATION)
    assert vars(Engines(settings, MemoryRecords()).analyzer)["_holder"] == lease_holder()


def test_what_is_under_way_when_somebody_interrupts_is_kept(
    peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = MemoryRecords()

    def late(asked: Asked) -> Mapping[str, Any]:
        time.sleep(0.2 * (number_of(asked) > 1))
        return by_number(asked)

    def interrupted(key: str, text: str, upload: UploadRef | None = None) -> None:
        monkeypatch.undo()
        raise KeyboardInterrupt

    monkeypatch.setattr(records, "keep_answer", interrupted)
    peer.answer = late
    with pytest.raises(KeyboardInterrupt):
        analyzer(peer, records, threads=3).analyze([photo(1), photo(2), photo(3)])
    assert (len(peer.asked), len(records._answers)) == (3, 2)


def test_an_answer_that_was_changed_in_the_store_is_not_used(peer: Peer) -> None:
    records = MemoryRecords()
    analyzer(peer, records).analyze([photo()])
    records._answers = dict.fromkeys(records._answers, '{"text": "{}"}')
    with pytest.raises(StoreDamaged, match="restore"):
        analyzer(peer, records).analyze([photo()])


# Neighbours in a batch


def test_a_refused_photo_leaves_its_neighbours_alone(peer: Peer) -> None:
    peer.plan(said(text_of(1)), refusing())
    first, second, third = analyzer(peer).analyze([photo(1), photo(2), photo(3)])
    assert isinstance(second, Refused)
    assert (first, third) == (seen(1), seen(3))


def test_after_an_unusable_answer_only_that_photo_is_asked_about_again(peer: Peer) -> None:
    records = MemoryRecords()
    peer.plan(said(text_of(1)), said("not json"), said(text_of(3)))
    engine = analyzer(peer, records)
    with pytest.raises(AnswerUnusable):
        engine.analyze([photo(1), photo(2), photo(3)])
    assert engine.analyze([photo(1), photo(2), photo(3)]) == [seen(1), seen(2), seen(3)]
    assert [number_of(asked) for asked in peer.asked] == [1, 2, 3, 2]


def test_a_refusal_is_not_paid_for_again_when_a_neighbour_is_tried_again(peer: Peer) -> None:
    peer.plan(refusing(), said("not json"))
    engine = analyzer(peer)
    with pytest.raises(AnswerUnusable):
        engine.analyze([photo(1), photo(2)])
    first, second = engine.analyze([photo(1), photo(2)])
    assert isinstance(first, Refused)
    assert (second, [number_of(asked) for asked in peer.asked]) == (seen(2), [1, 2, 2])


def test_what_was_paid_for_before_the_quota_ended_is_kept_and_nothing_more_is_asked(peer: Peer) -> None:
    records = MemoryRecords()
    peer.plan(said(text_of(1)), error(429, "insufficient_quota", "insufficient_quota"))
    engine = analyzer(peer, records)
    with pytest.raises(QuotaExhausted):
        engine.analyze([photo(n) for n in range(1, 8)])
    assert [number_of(asked) for asked in peer.asked] == [1, 2]
    assert len(records._answers) == 1


def test_a_store_that_fails_for_one_answer_keeps_the_others(peer: Peer) -> None:
    class Failing(MemoryRecords):
        failures = 1

        def keep_answer(self, key: str, text: str, upload: UploadRef | None = None) -> None:
            if self.failures:
                self.failures -= 1
                raise StoreError("away")
            super().keep_answer(key, text, upload)

    records = Failing()
    with pytest.raises(StoreError, match="away"):
        analyzer(peer, records).analyze([photo(1), photo(2)])
    assert analyzer(peer, records).analyze([photo(1), photo(2)]) == [seen(1), seen(2)]
    assert [number_of(asked) for asked in peer.asked] == [1, 2, 1]


# Before the first question


@pytest.mark.parametrize("key", [None, SecretStr(""), SecretStr(" \n")])
def test_without_a_key_it_is_named_at_the_first_question(peer: Peer, key: SecretStr | None) -> None:
    engine = analyzer(peer, api_key=key)
    with pytest.raises(AccessDenied, match="OPENAI_API_KEY is not set"):
        engine.analyze([photo()])
    assert peer.asked == []


def test_a_key_with_the_blank_line_of_its_file_works(peer: Peer) -> None:
    key = SecretStr(f"{peer.key.get_secret_value()}\n")
    assert analyzer(peer, api_key=key).analyze([photo()]) == [seen(1)]


def test_what_cannot_be_a_key_is_not_sent(peer: Peer) -> None:
    with pytest.raises(AccessDenied, match="copy it again") as raised:
        analyzer(peer, api_key=SecretStr("sk-one\nsk-two")).analyze([photo()])
    assert (peer.asked, "sk-one" in str(raised.value)) == ([], False)


def test_without_the_package_it_says_what_to_install(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = analyzer(peer)
    monkeypatch.setitem(sys.modules, "openai", None)
    with pytest.raises(PackageMissing, match="make install"):
        engine.analyze([photo()])


def test_after_closing_it_connects_again(peer: Peer) -> None:
    engine = analyzer(peer)
    engine.analyze([photo(1)])
    engine.close()
    engine.close()
    assert engine.analyze([photo(2)]) == [seen(2)]


def test_the_card_says_what_decides_its_results() -> None:
    card = OpenAiAnalyzer(None, MemoryRecords(), model="gpt-4o-mini-2024-07-18").card
    assert (card.id, card.commercial_use, card.deterministic) == ("gpt-4o", True, False)
    assert PROMPT_REVISION in card.revision
    assert card.parameters == {"model": "gpt-4o-mini-2024-07-18", "temperature": 0.0}
    assert "proprietary" in card.licence


def test_the_peer_is_strict(peer: Peer) -> None:
    """Otherwise these tests would hold nothing."""
    key = "k"
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    right = question(as_jpeg(photo().image), MODELS[0], 0.0)

    def ask(change: dict[str, object], path: str = "/v1/responses") -> None:
        read_request(path, headers, json.dumps({**right, **change}).encode(), key, MODELS, 0.0)

    def with_image(**change: str) -> dict[str, object]:
        [message] = json.loads(json.dumps(right["input"]))
        message["content"][1] |= change
        return {"input": [message]}

    def with_format(**change: object) -> dict[str, object]:
        return {"text": {"format": {**right["text"]["format"], **change}}}

    ask({})
    loose = {**right["text"]["format"]["schema"], "additionalProperties": True}
    partly = {**right["text"]["format"]["schema"], "required": ["people"]}
    wrong: list[dict[str, object]] = [
        {"store": True}, {"model": "gpt-9"}, {"extra": 1}, {"instructions": "hi"}, {"input": []},
        with_image(image_url="https://shop/tee.jpg"), with_image(detail="low"),
        with_format(strict=False), with_format(schema=loose), with_format(schema=partly),
    ]  # fmt: skip
    for change in wrong:
        with pytest.raises(WrongRequest):
            ask(change)
    with pytest.raises(WrongRequest):
        ask({}, "/v1/chat/completions")
