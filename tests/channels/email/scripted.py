"""A TCP server on loopback that says what it is told to: for what real servers never do."""

import contextlib
import socket
import threading
from collections.abc import Mapping, Sequence
from typing import Self

Answer = Sequence[bytes]


class ScriptedServer:
    """Speaks IMAP by rote: for each command the lines of its answer, then the tagged OK.

    An answer's line ``DROP`` breaks the connection there, ``HANG`` says nothing more; ``TAG `` at its begin stands
    for the command's tag (then no OK is added).

    Attributes:
        heard: The lines that clients sent.
    """

    def __init__(self, greeting: bytes, answers: Mapping[bytes, Answer]) -> None:
        self._greeting, self._answers = greeting, dict(answers)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.heard: list[bytes] = []
        self._clients: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, name="scripted-server")]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        for each in (self._listener, *self._clients):
            with contextlib.suppress(OSError):  # gone already
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        for thread in self._threads:
            thread.join(timeout=5)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._clients.append(client)
            thread = threading.Thread(target=self._serve, args=(client,), name="scripted-client")
            self._threads.append(thread)
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        try:
            with client.makefile("rb") as lines:
                client.sendall(self._greeting)
                for line in lines:
                    self.heard.append(line)
                    if not self._answer(client, line):
                        break
        except OSError:
            pass  # the client has gone
        finally:
            client.close()

    def _answer(self, client: socket.socket, line: bytes) -> bool:
        tag, _, command = line.strip().partition(b" ")
        answer = next((lines for begin, lines in self._answers.items() if command.upper().startswith(begin)), [])
        for part in answer:
            if part == b"DROP":
                return False
            if part == b"HANG":
                return True
            client.sendall(part.replace(b"TAG ", tag + b" ", 1) if part.startswith(b"TAG ") else part)
        if not any(part.startswith(b"TAG ") for part in answer):
            client.sendall(tag + b" OK done\r\n")
        return True
