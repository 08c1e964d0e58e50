"""An HTTP server on loopback that answers as it is told: captured API answers go back to the real clients."""

import json
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from tests.servers.process import HOST

_NOT_REPLAYED = ("content-length", "content-encoding", "transfer-encoding", "connection")


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]  # names in lower case
    body: bytes

    @property
    def json(self) -> Any:
        """The body read as JSON."""
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        """The body read as a form; the first value of each name."""
        return {name: values[0] for name, values in parse_qs(self.body.decode(), keep_blank_values=True).items()}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server says. A ``body`` that is neither bytes nor text goes out as JSON.

    Attributes:
        cut: Send only so many bytes of the body and break the connection.
        hang: Answer nothing until the client goes or the server ends.
    """

    body: Any = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    hang: bool = False

    def encoded(self) -> bytes:
        """The body's bytes."""
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


def captured(file: Path) -> Answer:
    """The answer that a file of ``shared/data/social`` holds."""
    response = json.loads(file.read_text(encoding="utf-8"))["response"]
    headers = {name: value for name, value in response["headers"].items() if name.lower() not in _NOT_REPLAYED}
    return Answer(response["body"], response["status"], headers)


def pushed(file: Path) -> Any:
    """The payload that a file of ``shared/data/social`` holds, as it was pushed."""
    return json.loads(file.read_text(encoding="utf-8"))["webhook"]["body"]


Handler = Callable[[Request], Answer | None]


class HttpServer:
    """The server. Use it as a context manager; ``handler`` answers each request, None is 404. It may be replaced.

    Attributes:
        url: ``http://127.0.0.1:port``.
        requests: What was asked so far, in order. ``wait_for`` waits for one.
    """

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.requests: list[Request] = []
        self.changed = threading.Condition()
        self._ended = threading.Event()

    def __enter__(self) -> Self:
        self._server = _Server((HOST, 0), partial(_Conversation, self))
        self.url = f"http://{HOST}:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="http-server")
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.break_connections()
        self._server.server_close()
        self._thread.join()

    def answer(self, request: Request) -> Answer:
        """Note the request and answer it."""
        with self.changed:
            self.requests.append(request)
            self.changed.notify_all()
        return self.handler(request) or Answer({"error": "not found"}, 404)

    def wait_for(self, wanted: Callable[[Request], bool], *, seconds: float = 10) -> Request:
        """The first request that fits, waiting for it."""
        with self.changed:
            found = self.changed.wait_for(lambda: next(filter(wanted, self.requests), None), seconds)
        assert found is not None, "no such request came"
        return found

    def hang(self) -> None:
        """Wait until the server ends."""
        self._ended.wait(60)


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def break_connections(self) -> None:
        """End the conversations that a client keeps open."""
        with self._lock:
            for each in self._open:
                try:
                    each.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes in the middle is no failure of the test's."""


class _Conversation(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, place: HttpServer, *arguments: Any) -> None:
        self._place = place
        super().__init__(*arguments)

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=parts.path,
            query=parse_qs(parts.query, keep_blank_values=True),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self._body(),
        )
        answer = self._place.answer(request)
        if answer.hang:
            self._place.hang()
            self.close_connection = True
            return
        body = answer.encoded()
        self.send_response(answer.status)
        named = {name.lower() for name in answer.headers}
        if "content-type" not in named:
            self.send_header("Content-Type", "application/json; charset=utf-8")
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "HEAD":
            return
        if answer.cut is None:
            self.wfile.write(body)
            return
        self.wfile.write(body[: answer.cut])
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            pieces = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                pieces.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(pieces)
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = _answer

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""
