"""Whether a mail is from whom it says: what our own mail server found (RFC 8601), and tricks that need no server.

Anybody can write such headers. A server puts its own on top of the mail and takes away those that bear its name, so
only the topmost counts, and only under a name that is trusted.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from madoguchi.channels.email.headers import Address, unfolded
from madoguchi.channels.email.links import lookalike_of
from madoguchi.kernel.channel import Trust
from madoguchi.kernel.text import one_line

RESULTS: Final = "authentication-results"
SPAM_MARKS: Final = (
    "x-spam-flag",
    "x-spam-status",
    "x-spam",
    "x-rspamd-action",
    "x-ms-exchange-organization-scl",
)
_SCORES: Final = ("x-spam-score", "x-rspamd-score")
JUDGEMENTS: Final = (RESULTS, *SPAM_MARKS, *_SCORES)

_MOST: Final = 10_000
_QUOTED: Final = re.compile(r"\"((?:[^\"\\]|\\.)*+)(?:\"|\Z)", re.DOTALL)
_OF_A_COMMENT: Final = re.compile(r"\\.|[()]|[^()\\]++|\\", re.DOTALL)
_PLAIN: Final = re.compile(r"[^(\"]++")
# What a quoted string may hold without quotation marks and still be one value.
_ONE_VALUE: Final = re.compile(r"[\w.@+-]*+")
_METHOD: Final = re.compile(r"\s*(spf|dkim|dmarc)(?:/\d+)?\s*=\s*([a-z]+)", re.IGNORECASE)
_PROPERTY: Final = re.compile(r"(?<!\S)([^\s=]++)\s*+=\s*+(\S*+)")
_ADDRESS_IN_NAME: Final = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)++")
_ACTIONS_AGAINST_SPAM: Final = ("add header", "rewrite subject", "quarantine", "reject")
_YES: Final = re.compile(r"(?:yes|true)\b")
_LEVEL: Final = re.compile(r"-?\d{1,3}", re.ASCII)
# Exchange: 5 and 6 are spam, from 7 on surely.
_SPAM_FROM_LEVEL: Final = 5


class _Result(NamedTuple):
    """What a server found by one method, and for which domain."""

    method: str
    result: str
    domain: str


def trust_in(
    judgements: Mapping[str, str],
    sender: Address,
    *,
    servers: Sequence[str],
    ours: Sequence[str],
    several: bool = False,
) -> Trust:
    """What is known of a mail's sender. Without `servers` nobody's word is taken, and only the name is looked at.

    Of a mail with `several` From nobody can tell which of them a server looked at: it is proof of none.
    """
    domain = sender.address.rpartition("@")[2].lower()
    results = _results(judgements.get(RESULTS, ""), servers)
    verdict = ("fail" if several else _verdict(results, domain)) if servers else ""
    return Trust(
        authentication=verdict,
        spf=_first(results, "spf"),
        dkim=_first(results, "dkim"),
        dmarc=_first(results, "dmarc"),
        poses_as_us=verdict != "pass" and _is_ours(sender.address.lower(), domain, ours, bool(servers)),
        name_claims=_claimed_by(sender),
        lookalike=lookalike_of(domain)[:254],
        spam=_spam(judgements) if servers else "",
    )


def _results(header: str, servers: Sequence[str]) -> list[_Result]:
    first, *rest = without_comments(unfolded(header)[:_MOST]).split(";")
    if not first.split() or first.split()[0].lower().strip('"') not in servers:
        return []
    return [
        _Result(m[1].lower(), m[2].lower(), _domain_in(part)) for part in rest if (m := _METHOD.match(part))
    ]


def without_comments(text: str) -> str:
    """A space for each (comment, however (deep)), and for a "quoted string" what it holds, or _ if that is more than
    one value; in one pass. What does not end hides all that follows.
    """
    kept: list[str] = []
    at = 0
    while at < len(text):
        if text[at] == "(":
            at = _end_of_comment(text, at)
            kept.append(" ")
        elif (quoted := _QUOTED.match(text, at)) is not None:
            kept.append(quoted[1] if _ONE_VALUE.fullmatch(quoted[1]) else "_")
            at = quoted.end()
        elif (plain := _PLAIN.match(text, at)) is not None:
            kept.append(plain[0])
            at = plain.end()
    return "".join(kept)


def _end_of_comment(text: str, start: int) -> int:
    depth = 0
    for piece in _OF_A_COMMENT.finditer(text, start):
        depth += {"(": 1, ")": -1}.get(piece[0], 0)
        if not depth:
            return piece.end()
    return len(text)


def _domain_in(part: str) -> str:
    found = {name.lower(): value.lower() for name, value in _PROPERTY.findall(part)}
    names = ("header.d", "header.i", "smtp.mailfrom", "smtp.mail", "header.from")
    value = next((found[n] for n in names if n in found), "")
    return value.rpartition("@")[2]


def _verdict(results: Sequence[_Result], domain: str) -> str:
    """DMARC decides, if it is about the sender's domain; without it, a signature or a sending server of that domain."""
    dmarc = _first(results, "dmarc")
    if dmarc == "pass" and any(r.method == "dmarc" and r.domain not in ("", domain) for r in results):
        return "fail"
    if dmarc in ("pass", "fail"):
        return dmarc
    if any(r.result == "pass" and _aligned(r.domain, domain) for r in results):
        return "pass"
    return "fail" if any(r.result == "fail" for r in results) else "none"


def _aligned(found: str, domain: str) -> bool:
    if not found or not domain:
        return False
    return found == domain or found.endswith(f".{domain}") or domain.endswith(f".{found}")


def _first(results: Sequence[_Result], method: str) -> str:
    return next((r.result for r in results if r.method == method), "")


def _is_ours(address: str, domain: str, ours: Sequence[str], told: bool) -> bool:
    """Whether it bears our address, or, where a server tells who may, our domain."""
    own = {each.lower() for each in ours}
    return address in own or (told and domain in {each.rpartition("@")[2] for each in own})


def _claimed_by(sender: Address) -> str:
    """The address that the shown name holds, where it is not the sender's."""
    shown = _ADDRESS_IN_NAME.search(unicodedata.normalize("NFKC", sender.name))
    if shown is None or shown[0].lower() == sender.address.lower():
        return ""
    return shown[0][:254]


def _spam(judgements: Mapping[str, str]) -> str:
    """The words of the first mark that says spam, with the score where one is told."""
    for name in SPAM_MARKS:
        said = unfolded(judgements.get(name, "")).strip()
        if said and _says_spam(name, said.lower()):
            score = next((judgements[n].strip() for n in _SCORES if n in judgements), "")
            return one_line(f"{name}: {said}" + (f" ({score})" if score else ""), most=200)
    return ""


def _says_spam(name: str, said: str) -> bool:
    if name == "x-ms-exchange-organization-scl":
        return bool(_LEVEL.fullmatch(said)) and int(said) >= _SPAM_FROM_LEVEL
    if name == "x-rspamd-action":
        return said in _ACTIONS_AGAINST_SPAM
    return bool(_YES.match(said))
