"""The front of every service: who may ask, how much, how often, how long, and what is told about it."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Iterator, Mapping
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse
from pydantic import SecretStr

from tests.services.serving import served
from tryon.core.errors import BlobMissing, ImageRejected, OutOfMemory, UnknownUpload
from tryon.services.engine_room import Busy
from tryon.services.front import (
    Front,
    Limits,
    ServiceError,
    Shape,
    behind,
    detail,
    envelope,
    new_app,
    request_id,
    status_error,
    user_id,
)
from tryon.services.front.keys import Keys
from tryon.services.front.limits import Rates
from tryon.services.front.metrics import Metrics

KEY, OTHER = "k" * 24, "o" * 24
ERRORS = {
    "image": ImageRejected("truncated", "it is cut off"),
    "user": UnknownUpload("there is no user u1"),
    "memory": OutOfMemory("GPU out of memory"),
    "busy": Busy("try again"),
    "blob": BlobMissing("it is gone"),
    "own": ServiceError(418, "teapot", "short and stout", {"X-Tea": "green"}, user="u1"),
    "bug": KeyError("a secret"),
}


def app_with(shape: Shape = envelope) -> FastAPI:
    app = new_app("test", "A service.", shape)

    @app.get("/")
    def root() -> dict[str, str]:
        return {}

    @app.get("/users/{user}")
    def of_user(request: Request, user: str, n: int = 0) -> dict[str, object]:
        return {"user": user, "n": n, "request": request_id(request), "for": user_id(request)}

    @app.get("/fails/{user}/{what}")
    def fails(user: str, what: str) -> None:
        raise ERRORS[what]

    @app.post("/size")
    async def size(request: Request) -> int:
        return len(await request.body())

    @app.get("/slow")
    async def slow() -> str:
        await asyncio.sleep(30)
        return "late"

    @app.get("/stream")
    def stream() -> StreamingResponse:
        async def lines() -> Iterator[str]:  # type: ignore[misc]
            for n in range(3):
                yield f"{n}\n"
                await asyncio.sleep(0.2)

        return StreamingResponse(lines())

    return app


class Service:
    """A running service, and its access log."""

    def __init__(self, url: str, log: list[Mapping[str, object]]) -> None:
        self._url, self._log = url, log

    @property
    def log(self) -> list[Mapping[str, object]]:
        """A line is written after its answer was sent: once a later one is there, those before are complete."""
        last, deadline = uuid4().hex, time.monotonic() + 10
        self.get("/", X_Request_ID=last)
        while (found := [line["request_id"] for line in self._log]).count(last) == 0:
            assert time.monotonic() < deadline
            time.sleep(0.005)
        return self._log[: found.index(last)]

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self._ask("GET", path, None, headers)

    def post(self, path: str, content: bytes | Iterator[bytes], **headers: str) -> httpx.Response:
        return self._ask("POST", path, content, headers)

    def head(self, path: str) -> httpx.Response:
        return self._ask("HEAD", path, None, {})

    def options(self, path: str, **headers: str) -> httpx.Response:
        return self._ask("OPTIONS", path, None, headers)

    def _ask(
        self, method: str, path: str, content: bytes | Iterator[bytes] | None, headers: Mapping[str, str]
    ) -> httpx.Response:
        return httpx.request(
            method, self._url + path, content=content, headers=_named(headers), timeout=20, verify=False
        )


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@pytest.fixture(scope="module")
def local() -> Iterator[Service]:
    """On the loopback, without keys."""
    log: list[Mapping[str, object]] = []
    front = Front(
        "test", envelope, limits=Limits(body=1000, seconds=0.5), tell=log.append, metrics=Metrics("test")
    )
    with served(behind(front, app_with())) as url:
        yield Service(url, log)


@pytest.fixture(scope="module")
def keyed() -> Iterator[Service]:
    """With two keys, for pages of one origin."""
    log: list[Mapping[str, object]] = []
    keys = Keys([SecretStr(KEY), SecretStr(OTHER)], basic=True)
    front = Front(
        "test", envelope, keys, ("https://app.example.com",), tell=log.append, metrics=Metrics("test")
    )
    with served(behind(front, app_with())) as url:
        yield Service(url, log)


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


# Keys


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Bearer {KEY}"},
        {"X_API_Key": KEY},
        {"Authorization": "Bearer of-a-proxy", "X_API_Key": KEY},
    ],
)
def test_a_key_opens(keyed: Service, headers: dict[str, str]) -> None:
    assert keyed.get("/users/u1", **headers).status_code == 200


def test_a_browser_shows_a_key_as_its_password(keyed: Service) -> None:
    shown = base64.b64encode(f"anybody:{OTHER}".encode()).decode()
    assert keyed.get("/users/u1", Authorization=f"Basic {shown}").status_code == 200
    assert keyed.get("/users/u1").headers["www-authenticate"].startswith("Basic")


def test_a_password_counts_only_where_there_are_pages() -> None:
    shown = base64.b64encode(f"anybody:{KEY}".encode()).decode()
    with served(behind(Front("test", detail, Keys([SecretStr(KEY)]), tell=print), app_with())) as url:
        answer = httpx.get(f"{url}/users/u1", headers={"Authorization": f"Basic {shown}"})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X_API_Key": KEY[:-1]},
        {"X_API_Key": KEY + "k"},
        {"Authorization": KEY},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic !!!"},
        {"Authorization": "Basic /w=="},
        {"X_API_Key": ""},
    ],
)
def test_nothing_else_does(keyed: Service, headers: dict[str, str]) -> None:
    assert code(keyed.get("/users/u1", **headers)) == (401, "key_required")
    assert code(keyed.get("/metrics", **headers)) == (401, "key_required")
    assert code(keyed.get("/openapi.json", **headers)) == (401, "key_required")
    assert keyed.get("/", **headers).status_code == 200


def test_an_address_that_was_given_is_the_key_to_what_lies_there() -> None:
    front = Front("test", envelope, Keys([SecretStr(KEY)]), given=("/users/",), tell=print)
    with served(behind(front, app_with())) as url:
        service = Service(url, [])
        assert service.get("/users/u1").status_code == 200
        assert service.post("/users/u1", b"").status_code == 401
        assert service.get("/usersu1").status_code == 401


def test_a_key_is_in_no_log(keyed: Service) -> None:
    keyed.get("/users/u1", X_API_Key=KEY)
    keyed.get("/users/u1", X_API_Key="wrong-but-secret")
    assert KEY not in str(keyed.log)
    assert "secret" not in str(keyed.log)


# Sites


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "0.0.0.0", ""])
def test_without_keys_only_the_loopback_by_name(local: Service, host: str) -> None:
    assert code(local.get("/users/u1", Host=host)) == (403, "not_loopback")


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec_Fetch_Site": "cross-site"}]
)
def test_without_keys_no_page_of_another_site(local: Service, headers: dict[str, str]) -> None:
    """A form of any page could post a photo to a service of this machine."""
    assert code(local.post("/size", b"1", **headers)) == (403, "other_site")


def test_a_password_that_a_browser_shows_by_itself_is_for_its_own_pages(keyed: Service) -> None:
    shown = "Basic " + base64.b64encode(f":{KEY}".encode()).decode()
    elsewhere = {"Authorization": shown, "Sec_Fetch_Site": "cross-site"}
    assert code(keyed.get("/users/u1", **elsewhere)) == (403, "other_site")
    assert keyed.get("/users/u1", **elsewhere, Sec_Fetch_Mode="navigate").status_code == 200


def test_a_listed_origin_may_ask_and_read(keyed: Service) -> None:
    wants = {"Origin": "https://app.example.com", "Access_Control_Request_Method": "POST"}
    before = keyed.options("/size", **wants, Access_Control_Request_Headers="x-api-key")
    assert before.headers["access-control-allow-origin"] == "https://app.example.com"
    answer = keyed.post("/size", b"12", Origin="https://app.example.com", X_API_Key=KEY)
    assert answer.json() == 2
    assert "X-Seed" in answer.headers["access-control-expose-headers"]


def test_another_origin_may_not(keyed: Service) -> None:
    answer = keyed.post("/size", b"12", Origin="https://other.example.com", X_API_Key=KEY)
    assert "access-control-allow-origin" not in answer.headers


# Limits


def test_a_request_that_announces_too_much_is_refused_at_once(local: Service) -> None:
    assert local.post("/size", b"x" * 1000).json() == 1000
    assert code(local.post("/size", b"x" * 1001)) == (413, "too_large")


def test_a_request_that_does_not_say_how_much_is_counted(local: Service) -> None:
    assert code(local.post("/size", iter([b"x" * 600, b"x" * 600]))) == (413, "too_large")


def test_text_may_be_less_than_files(keyed: Service) -> None:
    """A few megabytes of JSON become a gigabyte of objects."""
    kinds = {"multipart/form-data; boundary=x": 200, "application/json": 413, "": 413}
    for kind, status in kinds.items():
        answer = keyed.post("/size", b"1" * (2 * 1024 * 1024), Content_Type=kind, X_API_Key=KEY)
        assert (kind, answer.status_code) == (kind, status)


def test_an_answer_that_does_not_come_is_given_up(local: Service) -> None:
    assert code(local.get("/slow")) == (504, "too_slow")


def test_a_stream_may_last_longer_than_that(local: Service) -> None:
    assert local.get("/stream").text == "0\n1\n2\n"


def test_a_key_has_so_many_requests_a_minute() -> None:
    front = Front(
        "test", envelope, Keys([SecretStr(KEY), SecretStr(OTHER)]), limits=Limits(per_minute=3), tell=print
    )
    with served(behind(front, app_with())) as url:
        service = Service(url, [])
        answers = [service.get("/users/u1", X_API_Key=KEY) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 20
        assert service.get("/users/u1", X_API_Key=OTHER).status_code == 200


def test_requests_are_given_back_steadily() -> None:
    now = 0.0
    rates = Rates(60, lambda: now)
    assert [rates.wait(0) for _ in range(61)] == [0.0] * 60 + [1.0]
    now = 2.5
    assert [rates.wait(0) for _ in range(3)] == [0.0, 0.0, 0.5]


# Errors


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("image", (400, "image_truncated")),
        ("user", (404, "unknown_upload")),
        ("memory", (503, "out_of_memory")),
        ("busy", (503, "busy")),
        ("blob", (500, "blob_missing")),
        ("own", (418, "teapot")),
        ("bug", (500, "internal")),
    ],
)
def test_an_error_has_its_status_and_code(local: Service, what: str, expected: tuple[int, str]) -> None:
    assert code(local.get(f"/fails/u1/{what}")) == expected


def test_an_error_that_nobody_foresaw_tells_where_to_look_and_nothing_else(local: Service) -> None:
    answer = local.get("/fails/u1/bug")
    line = local.log[-1]
    assert answer.headers["x-request-id"] in answer.json()["error"]["message"]
    assert (line["request_id"], line["error"]) == (answer.headers["x-request-id"], "KeyError")
    assert "secret" not in answer.text + str(line)


def test_a_wrong_field_is_named(local: Service) -> None:
    answer = local.get("/users/u1?n=many")
    assert code(answer) == (400, "bad_request")
    assert answer.json()["error"]["message"].startswith("n: ")


def test_no_such_address_or_method(local: Service) -> None:
    assert code(local.get("/nothing")) == (404, "not_found")
    assert code(local.post("/users/u1", b"")) == (405, "method_not_allowed")


@pytest.mark.parametrize(
    ("shape", "body"),
    [
        (detail, {"detail": "it is cut off"}),
        (status_error, {"status": "error", "error": {"code": "image_truncated", "message": "it is cut off"}}),
        (
            envelope,
            {"error": {"code": "image_truncated", "message": "it is cut off", "user": "u1", "what": "image"}},
        ),
    ],
)
def test_each_service_has_one_shape_of_error_and_its_schema_says_so(
    shape: Shape, body: dict[str, object]
) -> None:
    with served(behind(Front("test", shape, tell=print), app_with(shape))) as url:
        assert httpx.get(f"{url}/fails/u1/image").json() == body
        schema = httpx.get(f"{url}/openapi.json").json()
    documented = schema["paths"]["/users/{user}"]["get"]["responses"]
    assert set(documented["4XX"]["content"]["application/json"]["example"]) == set(body)
    assert "5XX" in documented


# HEAD


@pytest.mark.parametrize(
    "path", ["/", "/users/u1", "/nothing", "/fails/u1/image", "/fails/u1/bug", "/stream"]
)
def test_head_is_get_without_its_body(local: Service, path: str) -> None:
    head, whole = local.head(path), local.get(path)
    assert (head.status_code, head.content) == (whole.status_code, b"")
    assert head.headers.get("content-type") == whole.headers.get("content-type")
    line = local.log[-2]
    assert (line["method"], line.get("error")) == ("HEAD", "KeyError" if "bug" in path else None)


# What every answer has, and what is told


@pytest.mark.parametrize("path", ["/", "/users/u1", "/nothing", "/fails/u1/bug", "/metrics"])
def test_every_answer_is_private_and_has_its_id(local: Service, path: str) -> None:
    headers = local.get(path).headers
    assert headers["cache-control"] == "no-store, private"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["x-request-id"] == local.log[-1]["request_id"]


def test_a_caller_may_name_the_request_and_for_whom_it_is(local: Service) -> None:
    answer = local.get("/users/u1", X_Request_ID="call-7", X_User_Id="u7").json()
    assert (answer["request"], answer["for"]) == ("call-7", "u7")
    answer = local.get("/users/u1", X_Request_ID="two words", X_User_Id="Jane Roe").json()
    assert (len(answer["request"]), answer["for"]) == (32, None)


def test_the_access_log_has_ids_only(local: Service) -> None:
    before = len(local.log) + 1
    local.get("/users/u1?q=secret", Referer="http://127.0.0.1/secret", X_User_Id="secret")
    local.get("/users/Jane%20Secret")
    assert [(line["route"], line["user"], line["status"]) for line in local.log[before:]] == [
        ("/users/{user}", "u1", 200),
        ("/users/{user}", None, 200),
    ]
    assert "ecret" not in str(local.log)


def test_metrics_count_by_route(local: Service) -> None:
    local.get("/users/u1")
    text = local.get("/metrics").text
    assert 'route="/users/{user}"' in text
    assert "u1" not in text
