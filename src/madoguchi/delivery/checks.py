"""What a desk wants looked at before an answer leaves: who gets it, forgotten files, words, another's name. Pure."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from madoguchi.companies.models import Desk
from madoguchi.customers.consenting import bounds_of
from madoguchi.kernel.folding import fold

# What the customer attached, as in ご添付 and 添付いただいた, is no promise of ours.
_SPEAKS_OF_A_FILE = re.compile(
    r"(?<!ご)(?:添付|同封|別添)(?!いただ|頂|され|してくださ|して下さ|不要|は不要)"
    r"|\battach(?:ed|ment|ing)\b|\benclosed\b",
    re.IGNORECASE,
)
_MOST_SIGNS = 50
_QUOTED = re.compile(r"「[^」]*」|『[^』]*』|“[^”]*”|\"[^\"\n]*\"")
_KANJI = r"\u3005-\u3007\u3400-\u69d7\u69d9-\u9fff\uf900-\ufaffヶ"  # without 様
_ADDRESSED = re.compile(
    rf"(?<![{_KANJI}様ァ-ヶーおご])([{_KANJI}]{{1,5}}(?:[ \u3000][{_KANJI}]{{1,4}})?)[ \u3000]?様(?![子々式相態])"
)
# 様 also ends other words, and is said to people without a name.
_NO_NAMES = re.compile(
    r".*[者員社店課係客名側院校仕同模多異左今無何図紋両諸各皆位]$|.*[部課係社室店場会院校園所館隊事]長$"
    r"|(?:本人|家族|主人|先方|取引先|勤務先|連絡先|管理人|法人|個人|団体|世帯|一同|関係各位|営業部|御中|外国人|友人|知人|代理人|新郎|新婦)$"
    r"|[王神殿仏奥若姫嬢父母兄姉子方有]$|旦那$|奥$"
)


@dataclass(frozen=True, slots=True)
class Said:
    """An answer (its id) that was sent before: by whom, when in Tokyo, and how it begins."""

    message: int
    user: int | None
    name: str
    time: str
    begins: str


@dataclass(frozen=True, slots=True)
class Written:
    """An answer as far as it is looked at. `to`, `cc` and `bcc` are as its writer may see them, `addresses` as they
    are: nothing of them is shown. `to_unknown` says that it goes to an address that is not known as the customer's,
    `to_stranger` that somebody chose such a one to which nobody has written in this case: that is always asked about.
    `bare` is the template that it is and no more, `inner` are the articles for operators only whose words stand in it,
    `wrong` those found wrong of which it says what is not right. `undone` is what is still to be done in a case that
    it solves. `stopped` says that the use of the customer's data is, `refused` by which of its ways they want no
    word. `lost` are signs that their mail software cannot show, with what becomes of each. `waiting` are other
    answers that wait in the case. `said` is the answer that said the same.
    """

    text: str
    customer: str
    files: tuple[str, ...] = ()
    to: str = ""
    cc: str = ""
    bcc: str = ""
    to_others: bool = False
    to_unknown: bool = False
    to_stranger: bool = False
    addresses: tuple[str, ...] = ()
    bare: str = ""
    inner: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    undone: tuple[str, ...] = ()
    stopped: bool = False
    refused: tuple[str, ...] = ()
    lost: Mapping[str, str] = field(default_factory=dict)
    waiting: tuple["Waiting", ...] = ()
    said: Said | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """An answer that waits: its id, whose it is, empty for the reader's own, and when it is to leave, in words, empty
    where it waits for a senior's word.
    """

    id: int
    who: str
    when: str


@dataclass(frozen=True, slots=True)
class Question:
    """What the writer is asked once. Who says yes to its `key` is not asked again, unless what it is about changes."""

    key: str
    words: str

    @property
    def needs_care(self) -> bool:
        """Whether it is about a word that the desk has listed as needing care."""
        return self.key.startswith("care ")


def forbidden(desk: Desk, text: str) -> list[str]:
    """The words in a text, quotations and all, that must not leave this desk, as the desk's list writes them."""
    return [word for word in _listed(desk.forbidden_words) if _says(text, word)]


def refusal(desk: Desk, text: str) -> str:
    """Why a text must not leave this desk, in words; empty where it may."""
    words = _("This must not leave the desk: %(words)s. Take it out, then send.")
    said = [_("“%(word)s”") % {"word": word} for word in forbidden(desk, text)]
    return words % {"words": _("、").join(said)} if said else ""


def questions(desk: Desk, written: Written) -> list[Question]:
    """What the desk wants its people to be asked before this answer leaves."""
    return list(_questions(desk, written))


def gone_past(keys: Iterable[str]) -> list[str]:
    """What somebody said yes to, in words, by the keys of the questions; not to whom it goes, which is seen anyway."""
    return [
        _WORDS[kind](about) for kind, _gap, about in (key.partition(" ") for key in keys) if kind in _WORDS
    ]


def speaks_of_a_file(own: str) -> bool:
    """Whether words of ours say that a file comes with them."""
    return _SPEAKS_OF_A_FILE.search(own) is not None


def own_words(text: str) -> str:
    """The lines of an answer that are no quotation."""
    return "\n".join(line for line in text.splitlines() if not line.startswith((">", "＞")))


def others_names(text: str, customer: str) -> list[str]:
    """Names that an answer addresses with 様, where none of them is the customer's; said in quotation marks they do
    not count. Nothing is said of customers whose name has no kanji: theirs may be the same in other letters.
    """
    if not re.search(f"[{_KANJI}]", customer):
        return []
    called = [found[1] for found in _ADDRESSED.finditer(_QUOTED.sub("", text))]
    if any(_same_name(name, customer) for name in called):
        return []
    return list(dict.fromkeys(name for name in called if not _NO_NAMES.match(name)))


def _questions(desk: Desk, written: Written) -> Iterator[Question]:
    own = own_words(written.text)
    if written.said:
        yield Question(f"said {written.said.message}", _was_said(written.said))
    if written.stopped:
        yield Question("stopped", _use_is_stopped())
    elif written.refused:
        ways = " ".join(sorted(written.refused))
        yield Question(f"refused {ways}", _refuses(ways))
    for waiting in written.waiting:
        yield Question(key_of_waiting(waiting.id), _another_waits(waiting))
    wanted, others = desk.check_recipients, written.to_others or written.to_unknown
    asks = wanted == Desk.Recipients.ALWAYS or (wanted == Desk.Recipients.OTHERS and others)
    if asks or written.to_stranger:
        yield Question(_key("recipients", *_recipients(written)), _goes_to(written))
    if desk.check_attachment and not written.files and speaks_of_a_file(own):
        yield Question("attachment", _no_file())
    if desk.check_name:
        for name in others_names(own, written.customer):
            yield Question(f"name {name}", _strange_name(name))
    if desk.check_bare and written.bare:
        yield Question(f"bare {written.bare}", _only_a_template(written.bare))
    for title in written.inner:
        yield Question(f"inner {title}", _is_for_us(title))
    for title in written.wrong:
        yield Question(f"wrong {title}", _was_wrong(title))
    for word in _listed(desk.care_words):
        if _says(own, word):
            yield Question(f"care {word}", _needs_care(word))
    if written.lost:
        signs = become(written.lost)
        yield Question(f"letters {signs}", cannot_be_shown(signs))
    if written.undone:
        yield Question(_key("undone", *written.undone), _is_undone(_("、").join(written.undone)))


def key_of_waiting(answer: int) -> str:
    """The key by which one is asked of another answer that waits."""
    return f"waiting {answer}"


def _another_waits(waiting: Waiting) -> str:
    said = {
        (True, True): _("An answer by %(who)s is scheduled for %(when)s. Once this one is sent, it is held."),
        (True, False): _("An answer by %(who)s waits for approval. Once this one is sent, it is held."),
        (False, True): _("Your own answer is scheduled for %(when)s. Once this one is sent, it is held."),
        (False, False): _("Your own answer waits for approval. Once this one is sent, it is held."),
    }[bool(waiting.who), bool(waiting.when)]
    return said % {"who": waiting.who, "when": waiting.when}


def _use_is_stopped(_about: str = "") -> str:
    return bounds_of(True, ())


def _refuses(ways: str) -> str:
    return bounds_of(False, ways.split())


def _was_said(said: Said) -> str:
    words = _("%(name)s already sent this answer at %(time)s: “%(begins)s” It would go out a second time.")
    return words % {"name": said.name, "time": said.time, "begins": said.begins}


def _goes_out_again(_about: str = "") -> str:
    return _("The same answer was sent in this case shortly before.")


def _no_file(_about: str = "") -> str:
    return _("You write of an attached file, but none is attached.")


def _strange_name(name: str) -> str:
    return _("“%(name)s” seems not to be the customer's name.") % {"name": f"{name}様"}


def _needs_care(word: str) -> str:
    return _("“%(word)s” needs care at this desk.") % {"word": word}


def become(lost: Mapping[str, str]) -> str:
    """Signs that mail software cannot show, each with what becomes of it, in a line."""
    return _("、").join(f"{was} → {becomes}" for was, becomes in list(lost.items())[:_MOST_SIGNS])


def cannot_be_shown(signs: str) -> str:
    """That the customer will see others in place of these signs (`become`)."""
    return _("The customer's mail software cannot show some signs. They become: %(signs)s") % {"signs": signs}


def _only_a_template(name: str) -> str:
    words = _("This is the template “%(name)s” and no more: nothing in it is about what this customer wrote.")
    return words % {"name": name}


def _is_for_us(title: str) -> str:
    return _("Words of the article “%(title)s” stand in this, which is for operators only.") % {
        "title": title
    }


def _was_wrong(title: str) -> str:
    words = _(
        "The article “%(title)s” was found wrong, and this says what stood there. Look it up as it is now."
    )
    return words % {"title": title}


def _is_undone(tasks: str) -> str:
    return _("The case is solved by this, and not done yet is: %(tasks)s.") % {"tasks": tasks}


_WORDS: dict[str, Callable[[str], str]] = {
    "said": _goes_out_again,
    "stopped": _use_is_stopped,
    "refused": _refuses,
    "attachment": _no_file,
    "name": _strange_name,
    "bare": _only_a_template,
    "inner": _is_for_us,
    "wrong": _was_wrong,
    "care": _needs_care,
    "letters": cannot_be_shown,
}


def _key(kind: str, *about: str) -> str:
    # Keyed, for an address that is kept from its writer could else be guessed and compared.
    whole = "\n".join(about)
    return f"{kind} {salted_hmac('delivery.checks', whole, algorithm='sha256').hexdigest()[:16]}"


def _recipients(written: Written) -> tuple[str, ...]:
    return (written.to, written.cc, written.bcc, *written.files, "", *written.addresses)


def _goes_to(written: Written) -> str:
    to = written.to or _("an address that the contract keeps from you")
    lines = [(_("To"), to), ("Cc", written.cc), ("Bcc", written.bcc)]
    lines.append((_("Files"), _("、").join(written.files)))
    said = [f"{name}: {line}" for name, line in lines if line]
    if written.to_unknown or written.to_stranger:
        said.append(_("It goes to an address that is not known as this customer's."))
    return "\n".join(said)


def _listed(words: str) -> Collection[str]:
    return list(dict.fromkeys(word.strip() for word in words.splitlines() if word.strip()))


def _says(text: str, word: str) -> bool:
    text, word = _plain(text), _plain(word)
    if re.fullmatch(r"[0-9a-z ]+", word):
        return re.search(rf"(?<![0-9a-z]){re.escape(word)}(?![0-9a-z])", text) is not None
    return word in text


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _same_name(called: str, customer: str) -> bool:
    one, other = fold(called), fold(customer)
    return one in other or other in one
