"""Tells what the writer of a mail newly wrote from what came along: quotations, forwards and signatures.

A mail is cut into pieces that are the whole text when laid end to end; what is doubtful counts as new. Words below a
quotation and between its lines are new as well. Where nothing new would remain, all of it is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from madoguchi.channels.email.quoted_html import may_tell, repeated_lines
from madoguchi.channels.email.repeated import (
    NAMES_OF_TO,
    announced_alone,
    attribution_start,
    end_of_header_block,
    field_of,
    has_fields_in_one_line,
    is_forward_marker,
    is_original_marker,
    is_senders_rule,
    spread_header_block,
    words_behind,
)
from madoguchi.channels.email.signatures import is_ruler, signature_start
from madoguchi.kernel.pieces import Kind, Piece, newly_written

_MARKS: Final = ">＞"
_QUOTED: Final = re.compile(
    r"[ \t\u3000]{0,3}[>＞](?![_.﹏ ]{0,2}[<＜])(?!.{0,200}<<<?\s*$)(?!\s?(?:wrote)?[:：]\s*$)"
)
_DRAWN: Final = "-–—=_*+#~<>─━ー"
_RULED: Final = "-–—=_*+#~─━ー"
_COLONS: Final = ":："
_LAST: Final = ":：>＞道" + _DRAWN
_MOST_TRIES: Final = 400
_MOST_LINES: Final = 200_000
_ANSWERS_WITHIN: Final = re.compile(
    r"インライン|本文中に(?:回答|返信|記載)|(?:赤|青|緑)(?:字|文字)|\binline\b|\bin (?:red|blue|green)\b"
    r"|(?:answers?|comments?|repl(?:y|ies)|see) (?:are |is )?(?:below|within|in[- ]?between)",
    re.IGNORECASE,
)
_PASSES_ON: Final = re.compile(
    r"転送(?:し|いた|致|させ|です|メール)|\b(?:FYI|fwd|forward(?:ing|ed)?)\b", re.IGNORECASE
)
_FORWARD_SUBJECT: Final = re.compile(
    r"\s*(?:fwd?|wg|tr|rv|enc|doorst|vs|vb|转发|轉寄|転送)\s?[:：]", re.IGNORECASE
)
_CONTINUES: Final = re.compile(r"[ \t]?[a-zà-ÿ]")
_WIDE_ENOUGH_TO_WRAP: Final = 66
_LONG_RULER: Final = "_" * 20
_LINES_ABOVE: Final = 30


@dataclass(frozen=True, slots=True)
class Reply:
    """A mail in its pieces, in their order."""

    pieces: tuple[Piece, ...]

    @property
    def new(self) -> str:
        """What the writer newly wrote, without blank lines around it; the whole text where nothing is hidden."""
        return newly_written(self.pieces)

    @property
    def hidden(self) -> str:
        """All that only came along."""
        return "".join(piece.text for piece in self.pieces if piece.kind != Kind.NEW)


def split_reply(text: str, *, html: str = "", subject: str = "") -> Reply:
    """Cut a mail into what is new and what is not.

    The HTML is asked where the text does not tell; the subject may tell a forward from a reply. Of more lines than
    anybody writes all are new.
    """
    if text.count("\n") > _MOST_LINES:
        return Reply((Piece(Kind.NEW, text),))
    page = _Page(text.split("\n"), subject)
    page.mark_repeated()
    page.mark_signatures()
    if may_tell(html):
        page.mark_by_html(html)
    return Reply(tuple(page.pieces()) if page.says_anything_new() else (Piece(Kind.NEW, text),))


def _is_marked(line: str, words: str) -> bool:
    """Whether a line that begins with a mark is quoted; faces and drawings begin so as well."""
    plain = line[0] in _MARKS and words[-1] not in _COLONS and "<" not in words and "＜" not in words
    return plain or _QUOTED.match(line) is not None


def _may_open(words: str) -> bool:
    """Whether a line is worth a closer look; most are prose."""
    return words != "" and (
        words[0] in _DRAWN
        or words[-1] in _LAST
        or ":" in words
        or "：" in words
        or words.endswith(("wrote", "書きました", "書きました。"))
        or "above" in words
        or "り上に" in words
        or announced_alone(words) != ""
        or words in NAMES_OF_TO
    )


def _is_rule(line: str) -> bool:
    return is_ruler(line) or is_senders_rule(line)


@dataclass(frozen=True, slots=True)
class _Opening:
    """The lines that announce repeated words, from `start` up to their `body`.

    `sure` openings need no marked lines below them: all that follows is repeated. A `block` may be a forward as well.
    """

    start: int
    body: int
    kind: Kind
    sure: bool = True
    block: bool = False


@dataclass(slots=True)
class _Page:
    """The lines of a mail and what each of them is found to be."""

    lines: list[str]
    subject: str
    words: list[str] = field(init=False)
    tries: int = 0
    marks: list[Kind] = field(init=False)
    quoted: list[bool] = field(init=False)
    bare: list[tuple[int, int]] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.words = [line.strip() for line in self.lines]
        self.marks = [Kind.NEW] * len(self.lines)
        self.quoted = [
            word[:1] in _MARKS and word != "" and _is_marked(line, word)
            for word, line in zip(self.words, self.lines, strict=True)
        ]

    # --- what is repeated

    def mark_repeated(self) -> None:
        """Mark quotations and forwards: from the top down, until one is found that runs to the end."""
        index, certain = 0, False
        while index < len(self.lines):
            if self.quoted[index]:
                index = self._mark_run(index, Kind.QUOTE, certain=certain)
            elif not _may_open(self.words[index]) or (opening := self._opening(index)) is None:
                index += 1
            elif (body := self._next_said(opening.body)) < len(self.lines) and self.quoted[body]:
                self._mark(opening.start, body, opening.kind)
                index, certain = self._mark_run(body, opening.kind, certain=True), True
            elif opening.sure and (opening.kind == Kind.FORWARD or not self._answers_within(opening.start)):
                self._mark(opening.start, len(self.lines), self._kind_of(opening))
                break
            else:
                index += 1
        self._judge_bare_runs()

    def _opening(self, index: int) -> _Opening | None:
        self.tries += 1
        if self.tries > _MOST_TRIES:
            return None
        words = self.words[index]
        if not words.strip(_RULED):
            return None
        if alone := announced_alone(words):
            return self._announced(index, Kind(alone))
        if words in NAMES_OF_TO:
            start, body = spread_header_block(self.lines, index)
            return _Opening(start, body, Kind.QUOTE, block=True) if body else None
        first, last = words[0], words[-1]
        if first in _DRAWN or last in _DRAWN or last in _COLONS or "above" in words or "り上に" in words:
            if is_forward_marker(words):
                return self._announced(index, Kind.FORWARD)
            if is_original_marker(words):
                return self._announced(index, Kind.QUOTE)
        if (":" in words[:40] or "：" in words[:40]) and (found := self._header_block(index, words)):
            return found
        return self._attribution(index)

    def _announced(self, index: int, kind: Kind) -> _Opening:
        body = end_of_header_block(self.lines, self._next_said(index + 1), announced=True)
        return _Opening(self._above_rule(index), max(body, index + 1), kind, block=kind == Kind.QUOTE)

    def _header_block(self, index: int, words: str) -> _Opening | None:
        if has_fields_in_one_line(words):
            return _Opening(self._above_rule(index), index + 1, Kind.QUOTE, block=True)
        if not (kind := field_of(words)):
            return None
        start = self._above_rule(index)
        announced = kind == "sender" and self.words[start].startswith(_LONG_RULER)
        body = end_of_header_block(self.lines, index, announced=announced)
        return _Opening(start, body, Kind.QUOTE, block=True) if body > index else None

    def _attribution(self, index: int) -> _Opening | None:
        begins, marked = words_behind(self.lines, index)
        if begins >= 0:
            self.quoted[index] = marked
            return _Opening(begins, index if marked else index + 1, Kind.QUOTE)
        body = self._next_said(index + 1)
        quoted = body < len(self.lines) and self.quoted[body]
        start, sure = attribution_start(self.lines, index, quoted=quoted)
        return _Opening(start, index + 1, Kind.QUOTE, sure=sure) if start >= 0 else None

    def _kind_of(self, opening: _Opening) -> Kind:
        """A repeated mail below header fields was passed on where the subject or the words above say so."""
        above = "\n".join(self.lines[max(0, opening.start - _LINES_ABOVE) : opening.start])
        passed_on = _FORWARD_SUBJECT.match(self.subject) or _PASSES_ON.search(above)
        return Kind.FORWARD if opening.block and passed_on else opening.kind

    def _answers_within(self, end: int) -> bool:
        return bool(_ANSWERS_WITHIN.search("\n".join(self.lines[max(0, end - _LINES_ABOVE) : end])))

    def _mark_run(self, start: int, kind: Kind, *, certain: bool) -> int:
        """Mark the quotation that begins here, blank lines within it included; says where it ends."""
        end, index = start + 1, start + 1
        while index < len(self.lines):
            if self.quoted[index] or self._continues(index):
                end = index + 1
            elif self.words[index]:
                break
            index += 1
        if is_forward_marker(self.words[start]):
            kind, certain = Kind.FORWARD, True
        if certain:
            self._mark(start, end, kind)
        else:
            self.bare.append((start, end))
        return end

    def _continues(self, index: int) -> bool:
        """Whether a mailer broke this line off the marked one above it."""
        above = self.lines[index - 1]
        return (
            self.quoted[index - 1]
            and len(above) >= _WIDE_ENOUGH_TO_WRAP
            and bool(_CONTINUES.match(self.lines[index]))
            and index + 1 < len(self.lines)
            and self.quoted[index + 1]
        )

    def _judge_bare_runs(self) -> None:
        """Marked lines that nothing announces: one alone, or below the writer's own colon, is the writer's."""
        runs = [run for run in self.bare if not self._is_introduced(run[0])]
        if sum(sum(self.quoted[start:end]) for start, end in runs) >= 2:
            for start, end in runs:
                self._mark(start, end, Kind.QUOTE)

    def _is_introduced(self, start: int) -> bool:
        return start > 0 and self.lines[start - 1].rstrip()[-1:] in (":", "：")

    # --- what signs

    def mark_signatures(self) -> None:
        """Mark the signatures below the first and the last new words."""
        runs = self._new_runs()
        for start, end in {*runs[:1], *runs[-1:]}:
            self._mark(signature_start(self.lines, start, end), end, Kind.SIGNATURE)

    def mark_by_html(self, html: str) -> None:
        """Mark what the HTML names where the text alone told nothing of that kind."""
        signed = Kind.SIGNATURE in self.marks
        repeats = Kind.QUOTE in self.marks or Kind.FORWARD in self.marks
        if signed and repeats:
            return
        for start, end, kind in repeated_lines(self.lines, html):
            if not (signed if kind == Kind.SIGNATURE else repeats):
                self._mark(start, end, kind)
        if not signed and not repeats:
            self.mark_signatures()

    def _new_runs(self) -> list[tuple[int, int]]:
        runs, at = [], 0
        for mark, group in groupby(self.marks):
            end = at + len(list(group))
            if mark == Kind.NEW and any(self.words[at:end]):
                runs.append((at, end))
            at = end
        return runs

    # --- the lines

    def says_anything_new(self) -> bool:
        """Whether any words are left that are not repeated."""
        return any(word and mark == Kind.NEW for word, mark in zip(self.words, self.marks, strict=True))

    def pieces(self) -> Iterator[Piece]:
        """The page cut where the marks change. Blank lines below hidden ones go with them."""
        for index in range(1, len(self.lines)):
            if self.marks[index] == Kind.NEW != self.marks[index - 1] and not self.words[index]:
                self.marks[index] = self.marks[index - 1]
        at = 0
        for mark, group in groupby(self.marks):
            end = at + len(list(group))
            close = "\n" if end < len(self.lines) else ""
            yield Piece(mark, "\n".join(self.lines[at:end]) + close)
            at = end

    def _mark(self, start: int, end: int, kind: Kind) -> None:
        self.marks[start:end] = [kind] * (end - start)

    def _next_said(self, index: int) -> int:
        while index < len(self.lines) and not self.words[index]:
            index += 1
        return index

    def _above_rule(self, index: int) -> int:
        above = index - 1
        while above >= 0 and not self.words[above]:
            above -= 1
        # A ruler right below other words is the foot of a card.
        apart = above == index - 1 or above == 0 or not self.words[above - 1]
        return above if above >= 0 and apart and _is_rule(self.lines[above]) else index
