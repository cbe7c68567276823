"""What words for statuses, priorities and who speaks mean here, whichever system wrote them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext_lazy

from madoguchi.cases.models import Priority, Status
from madoguchi.imports.records import By, Meant
from madoguchi.kernel.text import fold, one_line

Choice = TypeVar("Choice", Status, Priority, By)
Words = Mapping[Choice, tuple[str, ...]]

# As Zendesk, Freshdesk, Zammad and osTicket say it in English and Japanese, and as people call it in tables.
STATUSES: Words[Status] = {
    Status.NEW: ("new", "unassigned", "新規", "新着", "未対応", "未着手", "未処理", "受付"),
    Status.OPEN: (
        *("open", "reopened", "in progress", "assigned", "対応中", "処理中", "調査中", "作業中"),
        *("未解決", "未完了", "オープン", "再開", "再オープン"),
    ),
    Status.WAITING_CUSTOMER: (
        *("waiting_customer", "pending", "pending reminder", "pending close", "waiting"),
        *("waiting on customer", "waiting for customer", "awaiting reply", "answered"),
        *(
            "お客様待ち",
            "お客様返信待ち",
            "顧客待ち",
            "返信待ち",
            "返答待ち",
            "回答待ち",
            "保留",
            "保留中",
            "回答済み",
        ),
    ),
    Status.WAITING_THIRD: (
        *("waiting_third", "on hold", "on-hold", "hold", "waiting on third party", "waiting for third party"),
        *("社外待ち", "他部署待ち", "第三者待ち", "待機中"),
    ),
    Status.SOLVED: (
        "solved",
        "resolved",
        "done",
        "解決",
        "解決済",
        "解決済み",
        "対応済",
        "対応済み",
        "対応完了",
    ),
    Status.CLOSED: (
        *("closed", "archived", "merged", "cancelled", "canceled", "完了", "完了済み", "終了"),
        *("クローズ", "クローズ済み", "アーカイブ済み", "キャンセル"),
    ),
}
PRIORITIES: Words[Priority] = {
    Priority.LOW: ("low", "1 low", "低", "低い", "低め"),
    Priority.NORMAL: ("normal", "medium", "2 normal", "中", "普通", "通常", "標準"),
    Priority.HIGH: ("high", "3 high", "高", "高い", "高め"),
    Priority.URGENT: ("urgent", "emergency", "critical", "緊急", "至急", "最優先"),
}
SPEAKERS: Words[By] = {
    By.CUSTOMER: (
        "customer",
        "in",
        "inbound",
        "incoming",
        "received",
        "受信",
        "顧客",
        "お客様",
        "問い合わせ",
    ),
    By.STAFF: ("staff", "agent", "out", "outbound", "outgoing", "sent", "送信", "回答", "返信", "担当者"),
    By.NOTE: ("note", "internal", "private", "メモ", "社内メモ", "内部メモ", "コメント"),
}


_WHAT = {"status": pgettext_lazy("word", "status"), "priority": pgettext_lazy("word", "priority")}
_WHAT |= {"speaker": pgettext_lazy("word", "speaker")}


class UnknownWord(ValueError):
    """A ticket has a status or priority that nobody knows here; `words` are all of its own, known or not."""

    def __init__(self, words: tuple[Meant, ...]) -> None:
        self.words = words
        super().__init__(" ".join(_unknown(word) for word in words if not word.became))


@dataclass(frozen=True, slots=True)
class Meanings:
    """What the statuses and priorities of a source mean: as whoever imports says, by the folded word; else as usual."""

    statuses: Mapping[str, Status] = field(default_factory=dict)
    priorities: Mapping[str, Priority] = field(default_factory=dict)

    def of(
        self, *, status: Iterable[object] = (), priority: Iterable[object] = ()
    ) -> tuple[Status, Priority, tuple[Meant, ...]]:
        """What a ticket's words mean, the first of each that is known; and those words with what became of them.

        Without a status it is closed, without a priority that is normal. Raises UnknownWord where none is known.
        """
        statuses, priorities = _written(status), _written(priority)
        at = _known(statuses, self.statuses, STATUSES, nothing=Status.CLOSED)
        how = _known(priorities, self.priorities, PRIORITIES, nothing=Priority.NORMAL)
        words = (
            Meant("status", statuses[0], at.value if at else ""),
            Meant("priority", priorities[0], how.name.lower() if how else ""),
        )
        if at is None or how is None:
            raise UnknownWord(words)
        return at, how, words


def meaning(written: object, words: Words[Choice], *, what: str) -> Choice | None:
    """What a word means; None for no word. Raises ValueError for one that is not known."""
    said = _plain(written)
    if not said:
        return None
    found = _usual(said, words)
    if found is None:
        raise ValueError(
            _("The %(what)s “%(word)s” is not known here.") % {"what": _WHAT[what], "word": str(written)[:60]}
        )
    return found


def statuses_meant(written: Iterable[str]) -> dict[str, Status]:
    """What whoever imports says that statuses mean, each as `word=meaning`; an empty word is that there is none.

    A meaning is the name of a status here, with hyphens or spaces, or a word that usually means it. Raises ValueError,
    which tells the possible ones, for what is none.
    """
    return _said(written, STATUSES)


def priorities_meant(written: Iterable[str]) -> dict[str, Priority]:
    """The same of priorities. Raises ValueError."""
    return _said(written, PRIORITIES)


def _said(written: Iterable[str], words: Words[Choice]) -> dict[str, Choice]:
    found: dict[str, Choice] = {}
    for one in written:
        word, equals, name = one.rpartition("=")
        choice = _usual(_plain(name), words) or _named(_plain(name), words)
        if not equals or choice is None:
            names = ", ".join(_name(each) for each in words)
            raise ValueError(_("Write WORD=MEANING, where MEANING is one of %(names)s.") % {"names": names})
        found[_plain(word)] = choice
    return found


def _named(said: str, words: Words[Choice]) -> Choice | None:
    plain = said.replace("-", " ").replace("_", " ")
    return next((choice for choice in words if plain in _names(choice)), None)


def _names(choice: Status | Priority | By) -> list[str]:
    names = [_name(choice).replace("-", " ")]
    for language in ("en", "ja"):
        with override(language):
            names.append(_plain(getattr(choice, "label", "")))
    return names


def _name(choice: Status | Priority | By) -> str:
    return (choice.name.lower() if isinstance(choice, Priority) else choice.value).replace("_", "-")


def _written(words: Iterable[object]) -> list[str]:
    """The words that say something; one empty one where none does."""
    return [one_line(str(word), most=60) for word in words if _plain(word)] or [""]


def _known(
    written: list[str], said: Mapping[str, Choice], words: Words[Choice], *, nothing: Choice
) -> Choice | None:
    plain = [_plain(word) for word in written]
    known = next((said[word] for word in plain if word in said), None)
    if known is not None or plain == [""]:
        return known or nothing
    return next(filter(None, (_usual(word, words) for word in plain)), None)


def _usual(said: str, words: Words[Choice]) -> Choice | None:
    return next((choice for choice, names in words.items() if said in map(fold, names)), None)


def _plain(written: object) -> str:
    return fold(str(written if written is not None else "").strip())


def _unknown(word: Meant) -> str:
    words = _("The %(what)s “%(word)s” is not known here. Say what it means.")
    return words % {"what": _WHAT[word.what], "word": word.written}
