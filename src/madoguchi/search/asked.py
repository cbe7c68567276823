"""Reading what somebody typed into the box: words, phrases, what must not be there, and filters."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from django.utils.translation import override

from madoguchi.cases.models import ACTIVE, Priority, Status
from madoguchi.companies.models import EntryPoint
from madoguchi.fields.conditions import Asked as OwnAsked
from madoguchi.fields.models import Field
from madoguchi.fields.typed import asked_by
from madoguchi.kernel import clock
from madoguchi.kernel.folding import Spelling, exactly, fold, spellings

MOST_WORDS, MOST_EITHER = 8, 96
# Between two words: that one of them is enough. In small letters it is a word.
EITHER = ("OR", "ＯＲ", "または", "又は", "もしくは")
SENDERS = frozenset({"name", "kana", "email", "phone", "sender"})
RECIPIENTS = frozenset({"recipients"})
SUBJECTS = frozenset({"subject"})
_NAMES = {
    "from": "from 差出人 送信者",
    "to": "to 宛先",
    "subject": "subject 件名",
    "desk": "desk 窓口",
    "before": "before より前",
    "until": "until まで 以前",
    "after": "after 以降 から",
    "status": "status 状態",
    "tag": "tag タグ",
    "assignee": "assignee 担当 担当者",
    "has": "has 添付",
    "channel": "channel 経路 チャネル",
    "priority": "priority 優先度",
    "is": "is",
}
# Of these the last one counts: a case has one status, one desk, one who is responsible.
_ONE_COUNTS = frozenset({"desk", "status", "assignee", "channel", "priority", "unread"})
FILTERS = {fold(name): key for key, names in _NAMES.items() for name in names.split()}
_TOKEN = re.compile(
    r"""(?P<minus>[-－−](?=[^\W\d]|["「“『]))?(?:(?P<name>[^\s:："「“『－−-][^\s:："「“『]{0,59})[:：](?=\S))?"""
    r"""(?:"(?P<a>[^"]+)"|「(?P<b>[^」]+)」|“(?P<c>[^”]+)”|『(?P<d>[^』]+)』|(?P<bare>\S+))(?=\s|$)""",
    re.VERBOSE,
)
_PHONE = re.compile(r"(?<!\S)[+＋]?[\d(（][\d\s()（）ー−‐－-]{8,20}\d(?!\S)")
_DATE = re.compile(r"(?:(\d{4})\D)?(\d{1,2})\D(\d{1,2})日?")
_YES = {"attachment", "attachments", "file", "files", "あり", "有", "有り", "ファイル"}
_ME, _NOBODY = {"me", "自分"}, {"none", "nobody", "なし", "無し", "未割当"}
_ACTIVE_NAMES = {"active", "unsolved", "未解決"}
# What `is:` says besides a status. Open is what is not done with, as people say it of any list of things to do.
_UNREAD_NAMES, _READ_NAMES = {"unread", "未読"}, {"read", "既読"}
_OPEN_NAMES, _DONE_NAMES = {"open", "未完了"}, {"closed", "done", "完了"}
_MINE_NAMES, _UNASSIGNED_NAMES = {"mine", "自分"}, {"unassigned", "未割当"}
# A time of day, the scheme of an address: what people type with a colon that is meant for no filter.
_NO_NAME = re.compile(r"[\d\W_]+|https?|ftp|mailto|tel|re|fwd?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Word:
    """A word or phrase, the ways it may be spelt, and the fields it is looked for in (None: all)."""

    written: str
    spellings: tuple[Spelling, ...]
    fields: frozenset[str] | None = None


class Told(StrEnum):
    """What is told of filters that were understood and still find nothing, or not all that was asked."""

    NOBODY = "nobody"
    LAST_COUNTS = "last_counts"
    NO_TIME = "no_time"
    UNKNOWN = "unknown"
    NOT_TURNED = "not_turned"
    ALONE = "alone"


# What is told, and the filters as they were typed that it is about.
Remark = tuple[Told, *tuple[str, ...]]


# Of fields of one name each may have the value: ways to pass, of which one is enough, each with all that it asks.
Ways = list[tuple[OwnAsked, ...]]


@dataclass(slots=True)
class Asked:
    """What was asked: all of `words` and none of `without`, in cases that pass every filter. `own` is asked of
    fields of the desks' own, `unread` of what the `reader` has read; `among` are the cases that may pass them, where
    they are known to be few. `unclear` are filters as they were typed whose value means nothing here; they stand among
    the words. `remarks` are told, too.
    """

    words: list[Word] = field(default_factory=list)
    without: list[Word] = field(default_factory=list)
    to: list[str] = field(default_factory=list)
    desks: list[int] | None = None
    statuses: list[str] | None = None
    tags: list[str] = field(default_factory=list)
    assignees: list[int] | None = None
    unassigned: bool = False
    channels: list[str] | None = None
    priorities: list[int] | None = None
    with_files: bool = False
    unread: bool | None = None
    reader: int | None = None
    since: datetime | None = None
    before: datetime | None = None
    own: list[Ways] = field(default_factory=list)
    among: list[int] | None = None
    unclear: list[str] = field(default_factory=list, compare=False)
    remarks: list[Remark] = field(default_factory=list, compare=False)

    @property
    def filtered(self) -> bool:
        """Whether more was asked than words: what only a case can answer to."""
        return self != Asked(words=self.words, without=self.without)


@dataclass(frozen=True, slots=True)
class Known:
    """What names in filters may mean: desks by name, people by name or address, fields by label, and who asks."""

    desks: Sequence[tuple[int, str]]
    people: Callable[[str], list[int]]
    me: int | None = None
    fields: Callable[[], Sequence[Field]] = tuple
    meant: Callable[[Field, str], Sequence[int]] = lambda _field, _written: ()


def read(text: str, known: Known) -> Asked:
    """What a text asks for. A filter whose value means nothing here is taken for a word like any other."""
    asked = Asked()
    joined = _PHONE.sub(lambda number: re.sub(r"\s", "", number[0]), text)
    counted: dict[str, str] = {}
    tokens = list(_TOKEN.finditer(joined))
    either = _Either()
    for place, token in enumerate(tokens):
        if _is_or(token) and either.joins(tokens[place - 1 : place], tokens[place + 1 : place + 2]):
            continue
        name = _take(asked, token, known)
        either.take(asked, token)
        if name in _ONE_COUNTS:
            if counted.get(name, token[0]) != token[0]:
                asked.remarks.append((Told.LAST_COUNTS, counted[name], token[0]))
            counted[name] = token[0]
    if asked.since and asked.before and asked.since >= asked.before:
        asked.remarks.append((Told.NO_TIME,))
    if asked.without and not (asked.words or _filters(asked)):
        asked.words, asked.without = [_plain(f"-{word.written}") for word in asked.without], []
    asked.words = [word for word in asked.words if word.spellings][:MOST_WORDS]
    asked.without = [word for word in asked.without if word.spellings][:MOST_WORDS]
    return asked


class _Either:
    """Words with an OR between them, of which one is enough, are one word with the spellings of all."""

    def __init__(self) -> None:
        self._waits = False

    def joins(self, before: Sequence[re.Match[str]], after: Sequence[re.Match[str]]) -> bool:
        """Whether an OR stands between two words; anywhere else it is a word itself."""
        between = [*before, *after]
        self._waits = len(between) == 2 and not any(
            one["minus"] or one["name"] or _is_or(one) for one in between
        )
        return self._waits

    def take(self, asked: Asked, token: re.Match[str]) -> None:
        """What was typed is among the words now: join it with the one before, where an OR stood between them."""
        if self._waits:
            last, word = asked.words[-2:]
            written = f"{last.written} OR {word.written}"
            asked.words[-2:] = [Word(written, (*last.spellings, *word.spellings)[:MOST_EITHER])]
        self._waits = False


def _is_or(token: re.Match[str]) -> bool:
    return not token["minus"] and not token["name"] and token["bare"] in EITHER


def _filters(asked: Asked) -> bool:
    return asked != Asked(without=asked.without)


def _take(asked: Asked, token: re.Match[str], known: Known) -> str:
    """Take what was typed; returns the filter that it was, if any."""
    phrase = next((token[group] for group in "abcd" if token[group]), None)
    name, value = FILTERS.get(fold(token["name"] or "")), phrase or token["bare"]
    if name == "status" and fold(value.strip()) in _folded(_UNREAD_NAMES | _READ_NAMES):
        name = "is"
    if name and not token["minus"] and _FILTER[name](asked, value.strip(), known):
        if name == "assignee" and asked.assignees == []:
            asked.remarks.append((Told.NOBODY, token[0]))
        return _counted_as(value.strip()) if name == "is" else name
    named = _fields(token["name"] or "", known) if not token["minus"] else []
    if _own(asked, named, value.strip(), known):
        return ""
    if _is_name_alone(token, known):
        asked.remarks.append((Told.ALONE, token[0]))
    elif named or (name and not token["minus"]):
        asked.unclear.append(token[0])
    elif token["name"] and not _NO_NAME.fullmatch(token["name"]):
        is_known = name or _fields(token["name"], known)
        asked.remarks.append((Told.NOT_TURNED if is_known else Told.UNKNOWN, token[0]))
    where = asked.without if token["minus"] else asked.words
    if token["name"]:
        where.append(_plain(token[0].removeprefix(token["minus"] or "")))
    elif phrase:
        where.append(Word(phrase, exactly(phrase)))
    else:
        where.append(_plain(value))
    return ""


def _is_name_alone(token: re.Match[str], known: Known) -> bool:
    """Whether a filter was named with nothing right behind its colon."""
    bare = token["bare"] or ""
    if token["name"] or token["minus"] or not bare.endswith((":", "：")):
        return False
    return fold(bare[:-1]) in FILTERS or bool(_fields(bare[:-1], known))


def _fields(name: str, known: Known) -> list[Field]:
    """The fields of this name, of all desks."""
    return [one for one in known.fields() if "".join(fold(one.label).split()) == fold(name)] if name else []


def _own(asked: Asked, named: Sequence[Field], value: str, known: Known) -> bool:
    """Whether the value is one that any of these fields can have."""
    found = [wanted for one in named if (wanted := asked_by(one, value, day=_day, meant=known.meant))]
    if found:
        asked.own.append(found)
    return bool(found)


def _plain(word: str) -> Word:
    return Word(word, spellings(word))


def _from(asked: Asked, value: str, _known: Known) -> bool:
    asked.words.append(Word(value, spellings(value), SENDERS))
    return True


def _subject(asked: Asked, value: str, _known: Known) -> bool:
    asked.words.append(Word(value, spellings(value), SUBJECTS))
    return True


def _to(asked: Asked, value: str, _known: Known) -> bool:
    asked.to.append(value)
    return bool(fold(value))


def _desk(asked: Asked, value: str, known: Known) -> bool:
    wanted = fold(value)
    asked.desks = [id_ for id_, name in known.desks if wanted in fold(name)] or asked.desks
    return any(wanted in fold(name) for _id, name in known.desks)


def _day(value: str) -> date | None:
    today = clock.today()
    near = {"today": 0, "今日": 0, "yesterday": 1, "昨日": 1, "一昨日": 2}.get(value.casefold())
    if near is not None:
        return today - timedelta(days=near)
    found = _DATE.fullmatch(unicodedata.normalize("NFKC", value))
    try:
        day = date(int(found[1] or today.year), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None
    return day if day and clock.can_be_meant(_midnight(day)) else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), clock.TOKYO)


def _before(asked: Asked, value: str, _known: Known) -> bool:
    day = _day(value)
    asked.before = _midnight(day) if day else asked.before
    return day is not None


def _until(asked: Asked, value: str, _known: Known) -> bool:
    day = _day(value)
    asked.before = _midnight(day + timedelta(days=1)) if day else asked.before
    return day is not None


def _after(asked: Asked, value: str, _known: Known) -> bool:
    day = _day(value)
    asked.since = _midnight(day) if day else asked.since
    return day is not None


def _named(choices: Sequence[tuple[str, object]], value: str) -> list[str]:
    """The choices of this value or this name, in either language."""
    found = []
    for language in ("ja", "en"):
        with override(language):
            found += [key for key, label in choices if fold(value) in (fold(key), fold(str(label)))]
    return list(dict.fromkeys(found))


def _status(asked: Asked, value: str, _known: Known) -> bool:
    active = [status.value for status in ACTIVE] if fold(value) in map(fold, _ACTIVE_NAMES) else []
    found = active or _named([(s.value, s.label) for s in Status], value)
    asked.statuses = found or asked.statuses
    return bool(found)


def _tag(asked: Asked, value: str, _known: Known) -> bool:
    asked.tags.append(value)
    return True


def _assignee(asked: Asked, value: str, known: Known) -> bool:
    if value.casefold() in _NOBODY:
        asked.unassigned, asked.assignees = True, None
        return True
    me = [known.me] if known.me and value.casefold() in _ME else []
    found = me or known.people(value)
    # A name that is nobody's finds nothing, like that of somebody elsewhere: whether a person exists is not told.
    asked.unassigned, asked.assignees = False, found
    return True


def _folded(names: set[str]) -> set[str]:
    return set(map(fold, names))


def _is(asked: Asked, value: str, known: Known) -> bool:
    wanted = fold(value)
    if wanted in _folded(_UNREAD_NAMES | _READ_NAMES):
        if known.me is not None:
            asked.unread, asked.reader = wanted in _folded(_UNREAD_NAMES), known.me
        return known.me is not None
    if wanted in _folded(_MINE_NAMES | _UNASSIGNED_NAMES):
        who = "me" if wanted in _folded(_MINE_NAMES) else "none"
        return (known.me is not None or who == "none") and _assignee(asked, who, known)
    if wanted in _folded(_OPEN_NAMES):
        return _status(asked, "active", known)
    if wanted in _folded(_DONE_NAMES):
        asked.statuses = [Status.SOLVED.value, Status.CLOSED.value]
        return True
    return _status(asked, value, known)


def _counted_as(value: str) -> str:
    """Which filter it is in other words, of which the last one counts."""
    wanted = fold(value)
    if wanted in _folded(_UNREAD_NAMES | _READ_NAMES):
        return "unread"
    return "assignee" if wanted in _folded(_MINE_NAMES | _UNASSIGNED_NAMES) else "status"


def _has(asked: Asked, value: str, _known: Known) -> bool:
    asked.with_files = asked.with_files or value.casefold() in _YES
    return value.casefold() in _YES


def _channel(asked: Asked, value: str, _known: Known) -> bool:
    found = _named([(kind.value, kind.label) for kind in EntryPoint.Kind], value)
    asked.channels = found or asked.channels
    return bool(found)


def _priority(asked: Asked, value: str, _known: Known) -> bool:
    found = _named([(p.name, p.label) for p in Priority], value)
    asked.priorities = [Priority[name].value for name in found] or asked.priorities
    return bool(found)


_FILTER: dict[str, Callable[[Asked, str, Known], bool]] = {
    "from": _from,
    "to": _to,
    "subject": _subject,
    "desk": _desk,
    "before": _before,
    "until": _until,
    "after": _after,
    "status": _status,
    "tag": _tag,
    "assignee": _assignee,
    "has": _has,
    "channel": _channel,
    "priority": _priority,
    "is": _is,
}
