"""What stands beside a link of a mail, so that nobody has to point at it to see where it leads. Pure.

The host stands there wherever the words do not say it themselves. It is a warning where the link is disguised: its
words name another place, or are turned round; its address puts another name before an @; its host is written in
letters that look like others.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple
from urllib.parse import urlsplit

Beside = Literal["", "host", "trap"]

_UNSEEN: Final = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")
_TURNING_ROUND: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
_MOST: Final = 2_000
# A full stop between Japanese letters ends a sentence, between others browsers take it for a dot.
_STOP_FOR_DOT: Final = re.compile(r"(?<=[a-z0-9])。(?=[a-z0-9])", re.IGNORECASE)
_NOT_BEFORE: Final = r"(?<![a-z0-9@._/-])"
_ADDRESS: Final = re.compile(
    rf"{_NOT_BEFORE}[a-z0-9.!#$%&'*+=?^_`{{|}}~-]{{1,64}}@((?:[a-z0-9-]{{1,63}}\.)+[a-z]{{2,24}})\b",
    re.IGNORECASE | re.ASCII,
)
# With a scheme or www. before it anything names a host, and so do whole words in the form of one; within a sentence
# those endings do that people know from addresses, and Node.js or a name of a file does not.
_WITH_SCHEME: Final = re.compile(r"https?:/{1,3}(\S+)", re.IGNORECASE)
_WHOLE: Final = re.compile(r"((?:[\w-]+\.)+[^\W\d_]{2,24})(?::\d+)?(?:[/?#]\S*)?", re.IGNORECASE)
_WITHIN: Final = re.compile(
    rf"{_NOT_BEFORE}(www\.(?:[a-z0-9-]+\.)+[a-z]{{2,24}}"
    r"|(?:[a-z0-9-]+\.)+(?:jp|com|net|org|info|biz|example|shop|store|site|online|app|dev|cn|kr|tw|hk|uk|de|fr|eu))"
    r"(?![a-z0-9-])(?:[:/?#][!-~]*)?",
    re.IGNORECASE | re.ASCII,
)
_BEFORE_PATH: Final = re.compile(r"[/?#]")
_HOST: Final = re.compile(r"[\w.-]+")
_LATIN_HOST: Final = re.compile(r"(?:[a-z0-9_-]+\.)+[a-z]{2,24}(?![a-z0-9-])", re.IGNORECASE)
_LATIN: Final = re.compile(r"[a-zA-Z]")
_ENDINGS_OF_FILES: Final = re.compile(
    r"\.(?:pdf|html?|txt|csv|zip|docx?|xlsx?|pptx?|jpe?g|png|gif|md|py|js|ts|rs)", re.IGNORECASE
)
_LONG_NUMBER: Final = re.compile(r"\+?[\d()\s.-]{9,20}")
# Beside a number stand the hours in which it is answered.
_HOUR: Final = re.compile(r"\d{1,2}(?::\d{2}|時)")
# Letters of other scripts that nobody tells from Latin ones: Cyrillic, then Greek.
_LOOKALIKES: Final = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u04bb\u04cf\u051b\u051d\u04af\u043d\u0442\u043c\u043a"
    "\u03bf\u03b1\u03bd\u03c1\u03b9\u03ba\u03c4\u03c5\u03c7",
    "aeopcyxijsdhlqwyhtmkoavpiktux",
)


class Place(NamedTuple):
    """Somewhere that words name: a host, or the domain of a mail address."""

    host: str
    is_mail: bool = False


def beside(href: str, destination: str, words: str) -> Beside:
    """What stands beside a link to `destination` (a host in ASCII, an address or a number) with these words.

    Nothing where the words say it, the host where they do not, a trap where they say something else.
    """
    if _TURNING_ROUND.search(words):
        return "trap"
    said = _STOP_FOR_DOT.sub(".", unicodedata.normalize("NFKC", _UNSEEN.sub("", words)[:_MOST])).strip()
    scheme = href.partition(":")[0].lower()
    if scheme == "tel":
        return _beside_number(destination, said)
    if scheme == "mailto":
        return _beside_mail(destination, said)
    return _beside_host(href, destination, said)


def is_lookalike(host: str) -> bool:
    """Whether a host in ASCII is one of other letters that look like Latin ones, or mixes them with such."""
    return any(label.startswith("xn--") and _pretends(label) for label in host.lower().split("."))


def lookalike_of(domain: str) -> str:
    """The domain as the DNS has it, if its letters look like others; else empty."""
    host = _in_ascii(domain)
    return host if not host.isascii() or is_lookalike(host) else ""


def _beside_host(href: str, host: str, said: str) -> Beside:
    named = list(_places_in(said, host))
    if _has_user(href) or is_lookalike(host) or any(not _is_same_place(place.host, host) for place in named):
        return "trap"
    return "" if any(_plain(place.host) == _plain(host) for place in named) else "host"


def _beside_mail(address: str, said: str) -> Beside:
    named = [found[0].lower() for found in _ADDRESS.finditer(said)]
    if any(name != address.lower() for name in named):
        return "trap"
    if named:
        return ""
    domain = address.rpartition("@")[2].lower()
    return (
        "trap"
        if any(not _is_same_place(place.host, domain) for place in _places_in(said, domain))
        else "host"
    )


def _beside_number(number: str, said: str) -> Beside:
    named = [_digits(found[0]) for found in _LONG_NUMBER.finditer(_HOUR.sub("T", said))]
    named = [digits for digits in named if len(digits) >= 9]
    if any(digits != _digits(number) for digits in named):
        return "trap"
    return "" if named else "host"


def _digits(number: str) -> str:
    """As it is dialled at home."""
    digits = re.sub(r"[^\d+]", "", number)
    return "0" + digits[3:].removeprefix("0") if digits.startswith("+81") else digits.lstrip("+")


def _places_in(said: str, expected: str) -> Iterator[Place]:
    """What words name, each once as they stand; what belongs to an address is no name of its own."""
    whole = _WHOLE.fullmatch(said)
    if whole and (_in_ascii(whole[1]) == expected or _is_a_name(whole[1], said)):
        yield Place(_in_ascii(whole[1]))
        return
    rest = _WITH_SCHEME.sub(" ", said)
    for found in _WITH_SCHEME.finditer(said):
        yield from (Place(_in_ascii(host)) for host in _hosts_of(found[1]))
    for find, is_mail in ((_ADDRESS, True), (_WITHIN, False)):
        yield from (Place(_in_ascii(found[1]), is_mail) for found in find.finditer(rest))
        rest = find.sub(" ", rest)


def _is_a_name(host: str, said: str) -> bool:
    """Whether words in the form of a host are one: no file, and no sentence in which one stands."""
    if said == host and _ENDINGS_OF_FILES.fullmatch(host[host.rfind(".") :]):
        return False
    return host.isascii() or not any(
        _LATIN.search(label) and not label.isascii() for label in host.split(".")
    )


def _hosts_of(written: str) -> Iterator[str]:
    """The host in what follows a scheme, as a reader takes it, and what stands before an @ as if it were one."""
    for words in _BEFORE_PATH.split(written, maxsplit=1)[0].split("@"):
        if (host := _HOST.match(words)) and "." in host[0]:
            # Japanese goes on right behind an address.
            latin = _LATIN_HOST.match(host[0])
            yield latin[0] if latin else host[0]


def _is_same_place(claimed: str, host: str) -> bool:
    """Whether one is the other or lies within it."""
    return claimed == host or claimed.endswith(f".{host}") or host.endswith(f".{claimed}")


def _plain(host: str) -> str:
    return host.removeprefix("www.")


def _has_user(href: str) -> bool:
    try:
        return "@" in urlsplit(href).netloc
    except ValueError:
        return True


def _in_ascii(host: str) -> str:
    host = host.lower().strip(".")
    try:
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def _pretends(label: str) -> bool:
    try:
        letters = label.encode("ascii").decode("idna")
    except UnicodeError:
        return True
    if all(letter.isascii() for letter in letters.translate(_LOOKALIKES)):
        return True
    scripts = {_script(letter) for letter in letters if letter.isalpha()}
    return "LATIN" in scripts and bool(scripts & {"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC"})


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]
