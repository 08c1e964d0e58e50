"""A name server on loopback that knows what it was told."""

import socket
import threading
from types import TracebackType
from typing import Self

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

from tests.servers.process import HOST


class NameServer:
    """The server. Use it as a context manager; ``records``: (name, type) -> what it answers, as in a zone file."""

    def __init__(self, records: dict[tuple[str, str], list[str]]) -> None:
        self.records = records
        self.silent = False

    def __enter__(self) -> Self:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((HOST, 0))
        self.place: tuple[str, int] = self._socket.getsockname()
        self._thread = threading.Thread(target=self._serve, name="name-server")
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.sendto(b"", self.place)
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            asked, whence = self._socket.recvfrom(4096)
            if not asked:
                return
            if not self.silent:
                self._socket.sendto(self._answer(asked), whence)

    def _answer(self, asked: bytes) -> bytes:
        query = dns.message.from_wire(asked)
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        question = query.question[0]
        name, kind = str(question.name).rstrip("."), question.to_text().split()[-1]
        told = self.records.get((name, kind))
        if told is None:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        else:
            answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *told))
        return answer.to_wire()
