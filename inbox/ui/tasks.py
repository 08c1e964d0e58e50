"""Service calls away from the GUI thread: one worker, answers in the order of the clicks, stale answers dropped."""

import itertools
import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from inbox.errors import InboxError

log = logging.getLogger(__name__)

T = TypeVar("T")
Failed = Callable[[InboxError], None]


class Job:
    """A long piece of work in a thread of its own. ``stop_signal`` is what the work watches."""

    def __init__(self) -> None:
        self.stop_signal = threading.Event()

    def stop(self) -> None:
        """Ask the work to end; its answer still arrives."""
        self.stop_signal.set()


class Tasks(QObject):
    """Runs work in the worker and delivers answers in the GUI thread. Create it there.

    An ``InboxError`` goes to ``failed``, or else to ``on_error``. Anything else is a bug: it is raised again in the
    GUI thread, where the crash hook hears it.
    """

    _delivered = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.on_error: Failed = lambda error: log.error("%s", error)
        self._queue: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._latest: dict[str, int] = {}
        self._numbers = itertools.count(1)
        self._open = 0
        self._thread: threading.Thread | None = None
        self._jobs: list[tuple[threading.Thread, Job]] = []
        self._stopped = False
        self._delivered.connect(self._deliver)

    def run(
        self,
        work: Callable[[], T],
        then: Callable[[T], None] | None = None,
        failed: Failed | None = None,
        *,
        slot: str = "",
    ) -> None:
        """Do ``work`` in the worker, then ``then(answer)`` here.

        Of several calls with the same ``slot`` only the newest one's answer arrives, and those still waiting are not
        done at all: name one for what is only read.
        """
        if self._stopped:
            return
        number = next(self._numbers)
        if slot:
            self._latest[slot] = number
        self._open += 1

        def is_stale() -> bool:
            return bool(slot) and self._latest.get(slot) != number

        def step() -> None:
            answer = None if is_stale() else _attempt(work)
            self._delivered.emit(lambda: self._answer(answer, then, failed, is_stale))

        self._start()
        self._queue.put(step)

    def forget(self, slot: str) -> None:
        """Drop what was asked under a slot and has not been answered yet."""
        self._latest.pop(slot, None)

    def long(
        self,
        work: Callable[[Job, Callable[[object], None]], T],
        then: Callable[[T], None] | None = None,
        failed: Failed | None = None,
        progress: Callable[[object], None] | None = None,
    ) -> Job:
        """Do long work in a thread of its own: ``work(job, report)``; what it reports reaches ``progress`` here."""
        job = Job()
        self._open += 1

        def report(state: object) -> None:
            if progress is not None:
                self._delivered.emit(lambda: progress(state))

        def whole() -> None:
            answer = _attempt(lambda: work(job, report))
            self._delivered.emit(lambda: self._answer(answer, then, failed, lambda: False))

        thread = threading.Thread(target=whole, name="window-job")
        self._jobs = [(old, kept) for old, kept in self._jobs if old.is_alive()] + [(thread, job)]
        thread.start()
        return job

    @property
    def is_idle(self) -> bool:
        """Whether everything asked for has been answered."""
        return self._open == 0

    def stop(self) -> None:
        """Finish what waits in the worker, ask long work to end, and wait for both."""
        if self._stopped:
            return
        self._stopped = True
        for _thread, job in self._jobs:
            job.stop()
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
        for thread, _job in self._jobs:
            thread.join()

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="window-worker")
            self._thread.start()

    def _work(self) -> None:
        while (step := self._queue.get()) is not None:
            step()

    def _answer(
        self,
        answer: tuple[T | None, BaseException | None] | None,
        then: Callable[[T], None] | None,
        failed: Failed | None,
        is_stale: Callable[[], bool],
    ) -> None:
        self._open -= 1
        if answer is None or is_stale():
            return
        value, error = answer
        if error is None:
            if then is not None:
                then(value)  # type: ignore[arg-type]  # None only where the work itself answers None
        elif isinstance(error, InboxError):
            (failed or self.on_error)(error)
        else:
            raise error

    def _deliver(self, step: Callable[[], None]) -> None:
        if not self._stopped:
            step()


def _attempt(work: Callable[[], T]) -> tuple[T | None, BaseException | None]:
    try:
        return work(), None
    except InboxError as error:
        return None, error
    except Exception as error:  # it is raised again in the GUI thread
        log.exception("Work for the window failed")
        return None, error
