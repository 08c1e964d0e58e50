"""The HTTP server for tests answers as told, and breaks off as told."""

import httpx
import pytest

from tests.servers.http import Answer, HttpServer


def test_it_answers_what_the_handler_says_and_notes_the_request() -> None:
    with HttpServer(lambda request: Answer({"path": request.path}, 201, {"X-Seen": "yes"})) as server:
        answer = httpx.post(f"{server.url}/a?b=1&b=2", data={"text": "hi"})
    assert (answer.status_code, answer.json(), answer.headers["x-seen"]) == (201, {"path": "/a"}, "yes")
    (request,) = server.requests
    assert (request.method, request.query, request.form) == ("POST", {"b": ["1", "2"]}, {"text": "hi"})


def test_a_cut_answer_breaks_in_the_middle() -> None:
    with HttpServer(lambda request: Answer(b"x" * 100, cut=10)) as server, pytest.raises(httpx.TransportError):
        httpx.get(server.url)


def test_it_ends_though_a_client_waits_for_an_answer() -> None:
    with HttpServer(lambda request: Answer(hang=True)) as server, pytest.raises(httpx.TimeoutException):
        httpx.get(server.url, timeout=0.2)


def test_what_nobody_answers_is_not_found() -> None:
    with HttpServer(lambda request: None) as server:
        assert httpx.get(server.url).status_code == 404
