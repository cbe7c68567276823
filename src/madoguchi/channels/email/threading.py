"""Clues to the case a mail belongs to, the surest first. Finding the case behind a clue is the intake's work.

To teach Madoguchi a new way of finding a case, write a small function and put it in its place in `WAYS`.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice
from typing import Final

from madoguchi.channels.email.parse import ParsedMail
from madoguchi.kernel.channel import Clue

Way = Callable[[ParsedMail], Iterable[Clue]]

MOST_MARKS: Final = 20
# Who names more is not naming a matter, but trying which number fits.
MOST_NUMBERS: Final = 5
# Tokens are lower case and digits alone: some servers on the way change the case of local parts.
_TOKEN_ADDRESS: Final = re.compile(r"(.+)\+c\.([a-z0-9]{6,64})@([^@]+)", re.IGNORECASE)
_TOKEN_MESSAGE_ID: Final = re.compile(r"c\.([a-z0-9]{6,64})\.[a-z0-9]+@([^@]+)", re.IGNORECASE)
_HYPHENS: Final = str.maketrans(dict.fromkeys("‐‑‒–—―−ー─", "-"))
# How people write the number that they were told: in brackets, behind what it is called, or alone. A number that just
# stands among other words may be that of a product.
_NUMBER = r"([A-Z]{1,3})-?([0-9]{3,9})(?![A-Z0-9-])"
_CALLED = (
    r"(?:(?:受付|受付け|お?問い?合わ?せ|管理|整理|案件|用件|チケット|ケース)\s{0,2}(?:番号|ナンバー|no\.?|id)"
    r"|(?:受理|案件)[编編][号號]|접수\s?번호"
    r"|\b(?:case|ticket|ref(?:erence)?)(?:\s{0,2}(?:number|no\.?|id))?|\bno\.)[\s:#は]{0,4}"
)
_CASE_NUMBER: Final = re.compile(
    rf"[\[【(〔《]\s{{0,2}}(?:{_CALLED})?#?\s{{0,2}}{_NUMBER}\s{{0,2}}[\]】)〕》]"
    rf"|{_CALLED}{_NUMBER}"
    rf"|^\s{{0,4}}(?:(?:re|fwd?)\s{{0,2}}:\s{{0,2}}){{0,4}}#?{_NUMBER}\s{{0,2}}(?:の件|について)?\s{{0,4}}$",
    re.IGNORECASE | re.MULTILINE,
)
# Outlook's conversation: 22 bytes for its beginning (the last 16 name it), 5 more for each answer.
_CONVERSATION: Final = slice(0, 22)
# So much of a body is looked through for a case number; what follows is quoted, or not about it.
_BODY_READ: Final = 4_000


def token_in_addresses(mail: ParsedMail) -> Iterator[Clue]:
    """`support+c.<token>@…`: the address our answers ask to be replied to."""
    for address in (*mail.delivered_to, *(mailbox.address for mailbox in (*mail.to, *mail.cc))):
        if (found := _TOKEN_ADDRESS.fullmatch(address)) is not None:
            yield Clue("token", found[2].lower(), f"{found[1]}@{found[3]}".lower())


def token_in_message_ids(mail: ParsedMail) -> Iterator[Clue]:
    """`<c.<token>.…@…>`: our own Message-ID, come back in the reply's headers."""
    for message_id in (*mail.in_reply_to, *reversed(mail.references)):
        if (found := _TOKEN_MESSAGE_ID.fullmatch(message_id)) is not None:
            yield Clue("token", found[1].lower(), found[2].lower())


def in_reply_to(mail: ParsedMail) -> Iterator[Clue]:
    """The mail this one says it answers."""
    for message_id in mail.in_reply_to:
        yield Clue("message_id", message_id)


def references(mail: ParsedMail) -> Iterator[Clue]:
    """Every mail of the conversation, the nearest first."""
    for message_id in reversed(mail.references):
        yield Clue("message_id", message_id)


def thread_index(mail: ParsedMail) -> Iterator[Clue]:
    """Outlook's conversation, for answers whose other headers were lost on the way.

    The beginning of a conversation looks for its answers alone: mails made from one stored draft begin alike.
    """
    conversation = mail.thread_index[_CONVERSATION].hex()
    if _is_answer(mail):
        yield Clue("conversation", f"begun:{conversation}")
    if conversation:
        yield Clue("conversation", f"answered:{conversation}")


def case_number_in_subject(mail: ParsedMail) -> Iterator[Clue]:
    """`[A-1234]` in the subject, 受付番号 A-1234, or that alone. Weak: who resolves it must know the sender, too."""
    yield from _case_numbers(mail.subject)


def case_number_in_body(mail: ParsedMail) -> Iterator[Clue]:
    """The same in the text, where somebody writes anew and names the number. As weak as in the subject."""
    yield from _case_numbers(mail.text[:_BODY_READ])


WAYS: Final[tuple[Way, ...]] = (
    token_in_addresses,
    token_in_message_ids,
    in_reply_to,
    references,
    thread_index,
    case_number_in_subject,
    case_number_in_body,
)


def candidates(mail: ParsedMail, *, ours: Collection[str] = ()) -> Iterator[Clue]:
    """The clues of a mail, each once, in the order in which they are to be believed.

    `ours` are our addresses and domains, in lower case: tokens written for anyone else are passed over
    (another Madoguchi may be in Cc). Without it every token counts. Of case numbers the first few count.
    """
    seen: set[Clue] = set()
    numbers = 0
    for way in WAYS:
        for clue in way(mail):
            if clue in seen or (clue.kind == "token" and not _is_ours(clue, ours)):
                continue
            seen.add(clue)
            numbers += clue.kind == "case_number"
            if clue.kind != "case_number" or numbers <= MOST_NUMBERS:
                yield clue


def is_own_id(message_id: str, *, ours: Collection[str]) -> bool:
    """Whether a Message-ID has the form of ours, for one of our domains."""
    found = _TOKEN_MESSAGE_ID.fullmatch(message_id)
    return found is not None and found[2].lower() in ours


def marks(mail: ParsedMail) -> Iterator[str]:
    """What mails that come later can be known by: others' mails that this one mentions, and its conversation."""
    mentioned = dict.fromkeys((*mail.in_reply_to, *reversed(mail.references)))
    yield from islice((m for m in mentioned if not _TOKEN_MESSAGE_ID.fullmatch(m)), MOST_MARKS)
    if conversation := mail.thread_index[_CONVERSATION].hex():
        yield f"{'answered' if _is_answer(mail) else 'begun'}:{conversation}"


def _is_answer(mail: ParsedMail) -> bool:
    return len(mail.thread_index) > len(mail.thread_index[_CONVERSATION])


def _case_numbers(text: str) -> Iterator[Clue]:
    folded = unicodedata.normalize("NFKC", text).translate(_HYPHENS)
    for found in _CASE_NUMBER.finditer(folded):
        letters, count = filter(None, found.groups())
        yield Clue("case_number", f"{letters.upper()}-{count}")


def _is_ours(clue: Clue, ours: Collection[str]) -> bool:
    return not ours or clue.at in ours or clue.at.rpartition("@")[2] in ours
