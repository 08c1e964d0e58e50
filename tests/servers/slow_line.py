"""A slow line to a server: what it sends comes with so many bytes a second."""

import contextlib
import socket
import threading
from typing import Self

_SLICE_SECONDS = 0.05


class SlowLine:
    """Listens on ``port`` and passes everything on to a server on loopback. A context manager."""

    def __init__(self, server_port: int, bytes_a_second: int) -> None:
        self._server_port, self._slice = server_port, int(bytes_a_second * _SLICE_SECONDS)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._over = threading.Event()
        self._sockets: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, name="slow-line")]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for each in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):  # gone already
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        for thread in self._threads:
            thread.join(timeout=5)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._server_port))
            except OSError:
                return
            self._sockets += [client, server]
            for ends in ((client, server, 0.0), (server, client, _SLICE_SECONDS)):
                thread = threading.Thread(target=self._pass_on, args=ends, name="slow-line-way")
                self._threads.append(thread)
                thread.start()

    def _pass_on(self, begin: socket.socket, end: socket.socket, seconds: float) -> None:
        with contextlib.suppress(OSError):
            while data := begin.recv(self._slice):
                end.sendall(data)
                if seconds and self._over.wait(seconds * len(data) / self._slice):
                    return
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
