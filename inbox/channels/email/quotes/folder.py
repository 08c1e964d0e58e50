"""One pass over the lines of a mail: which of them are quotation or signature."""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inbox.channels.email.quotes import attribution, heads, signature
from inbox.channels.email.quotes.attribution import is_quoted

_LONGEST_LINE = 1000
_INITIALS = re.compile(r"\s?[A-Z][\w.-]{0,15}>(?:\s|\Z)")
_BROKEN_LINK = re.compile(r"\s*(?:[(<]https?://\S+|\S+)\s*[)>]*\s*>?\s*\Z")


@dataclass(slots=True)
class _Run:
    """Quoted lines, from ``quoted`` up to ``end``; ``start`` is before them where lines of their own introduce them."""

    start: int
    quoted: int
    end: int
    introduced: bool


def fold(lines: Sequence[str]) -> tuple[list[bool], Mapping[int, int]]:
    """Which lines fold, and the lines of which only the part from a column on does. None where all would fold."""
    folder = _Folder(lines)
    folder.run()
    return folder.folded, folder.split


class _Folder:
    def __init__(self, lines: Sequence[str]) -> None:
        self.folded = [False] * len(lines)
        self.split: dict[int, int] = {}
        self._lines = lines
        self._ends = [at for at, line in enumerate(lines) if attribution.may_end(line)]
        self._fences = [at for at, line in enumerate(lines) if line.startswith("```")]
        self._runs: list[_Run] = []
        self._said = False  # something new stands above
        self._end = len(lines)  # what follows is left alone

    def run(self) -> None:
        at = 0
        while at < self._end:
            line = self._lines[at]
            at = self._step(at) if line.strip() and len(line) <= _LONGEST_LINE else at + 1
        self._settle_runs()
        self._fold_closing()
        self._fold_space_above()
        if not any(line.strip() and self._shows(at) for at, line in enumerate(self._lines)):
            self.folded = [False] * len(self._lines)
            self.split = {}

    def _shows(self, at: int) -> bool:
        return not self.folded[at] or at in self.split

    def _step(self, at: int) -> int:
        """Judge the line; the next one to look at is returned."""
        line = self._lines[at]
        if self._is_quotation(at):
            return self._quoted(at, at)
        if line.startswith("```"):
            return self._behind_fence(at)
        if heads.is_forward(line):
            self._end = at  # what is forwarded is what the customer wants to show
            return at
        if heads.begins_original(self._lines, at):
            return self._original(at)
        return self._attribution(at) or self._signature(at)

    def _is_quotation(self, at: int) -> bool:
        line = self._lines[at]
        if is_quoted(line):
            return True
        if ">" not in line[:18] or not _INITIALS.match(line):
            return False
        mark = line.partition(">")[0]
        near = self._lines[max(0, at - 1) : at + 2]
        return sum(each.startswith(mark + ">") for each in near) > 1

    def _quoted(self, start: int, at: int, mark: str = ">") -> int:
        """Note the run of quoted lines; a blank line between two of them belongs to it, and a link that broke."""
        last, end = at, at
        while end < len(self._lines):
            line = self._lines[end]
            if self._is_quotation(end) or (mark == "|" and line.lstrip().startswith("|")):
                last = end
            elif line.strip() and not self._is_broken_link(end):
                break
            end += 1
        introduced = start < at or self._begins_with_attribution(at)
        self._runs.append(_Run(start, at, last + 1, introduced))
        return last + 1

    def _begins_with_attribution(self, at: int) -> bool:
        stripped = [line[:_LONGEST_LINE].lstrip("> \t") for line in self._lines[at : at + 4]]
        if not any(attribution.may_end(line) for line in stripped):
            return False
        return any(
            attribution.is_attribution(" ".join(stripped[:count]), quoted_next=False)
            for count in range(1, len(stripped) + 1)
        )

    def _is_broken_link(self, at: int) -> bool:
        """The rest of a link of the quoted line above, where the next line is quoted again."""
        if at + 1 >= len(self._lines) or not is_quoted(self._lines[at + 1]) or not is_quoted(self._lines[at - 1]):
            return False
        line, above = self._lines[at], self._lines[at - 1]
        if len(line) > 300 or not _BROKEN_LINK.match(line):
            return False
        return "://" in line or ("://" in above and above.rfind("(") > above.rfind(")"))

    def _behind_fence(self, at: int) -> int:
        place = bisect_left(self._fences, at)
        self._said = True
        return self._fences[place + 1] + 1 if place + 1 < len(self._fences) else at + 1

    def _original(self, at: int) -> int:
        if self._said or any(run.end <= at for run in self._runs):
            self._fold(at, self._end)
            return self._end
        return heads.head_end(self._lines, at)  # nothing stands above: this is what came

    def _attribution(self, at: int) -> int:
        first = bisect_left(self._ends, at)
        ends = self._ends[first : first + attribution.MOST_LINES]
        ends = [end for end in ends if end < at + attribution.MOST_LINES]
        if not ends:
            return 0
        if ends[0] == at and (column := attribution.in_line(self._lines, at)):
            self.split[at] = column
            self._said = True
            return self._under(at, 1)
        length = attribution.length(self._lines, at, ends)
        return self._under(at, length) if length else 0

    def _under(self, at: int, length: int) -> int:
        """Fold what an attribution introduces: the quoted lines under it, or where none are, all the rest."""
        after = at + length
        while after < len(self._lines) and not self._lines[after].strip():
            after += 1
        if after < len(self._lines) and (self._is_quotation(after) or self._lines[after].lstrip()[0] == "|"):
            return self._quoted(at, after, self._lines[after].lstrip()[0])
        if not self._said and not self._runs:
            return at + length
        self._fold(at, self._end)
        return self._end

    def _signature(self, at: int) -> int:
        if signature.is_delimiter(self._lines, at):
            if self._said or self._runs:
                self._fold(at, self._end)
                return self._end
        elif signature.is_mobile(self._lines[at]) or (not self._said and signature.is_external_notice(self._lines[at])):
            self._fold(at, at + 1)
            return at + 1
        self._said = True
        return at + 1

    def _fold(self, start: int, end: int) -> None:
        self.folded[start:end] = [True] * (end - start)

    def _settle_runs(self) -> None:
        """Fold quotations, but leave what is answered point by point, and what the customer chose to cite."""
        last_said = self._last_said()
        answered = [run for run in self._runs if run.end <= last_said]
        for run in self._runs:
            if run.end > last_said or (run.introduced and len(answered) == 1):
                self._fold(run.start, run.end)
            elif run.introduced:
                self._fold(run.start, run.quoted)

    def _last_said(self) -> int:
        """The last line that is new; -1 where none is."""
        runs = list(self._runs)
        for at in range(len(self._lines) - 1, -1, -1):
            while runs and runs[-1].start > at:
                runs.pop()
            in_run = bool(runs) and at < runs[-1].end
            if not in_run and not self.folded[at] and self._lines[at].strip():
                return at
        return -1

    def _fold_closing(self) -> None:
        shown = [at for at in range(self._end) if not self.folded[at]]
        if self._end < len(self._lines):
            return
        for at in shown[signature.starts_at(self._lines, shown) :]:
            self.folded[at] = True

    def _fold_space_above(self) -> None:
        """Fold the rule that stands over a fold."""
        for at in range(len(self._lines) - 1, 0, -1):
            above = self._lines[at - 1]
            if self.folded[at] and not self.folded[at - 1] and at not in self.split:
                self.folded[at - 1] = not above.strip() or heads.is_rule(above)
