"""Tells mail that a machine sent, so that no machine of ours answers it and two never talk for ever."""

import re
from collections.abc import Mapping, Sequence
from typing import Final, Literal

Auto = Literal["auto-reply", "bounce", "receipt", "list", "loop"]

LOOP_HEADER: Final = "X-Madoguchi-Loop"
# People write from such addresses, too: those who look after a mail server.
_BOUNCER: Final = re.compile(r"(?:^|[<\s\"])(?:mailer-daemon|postmaster)(?:@|$)", re.IGNORECASE)
_BOUNCED_SUBJECT: Final = re.compile(
    r"undeliver|nondeliver|returned mail|mail delivery (?:failed|failure|system)|mail system error|user unknown"
    r"|delivery (?:status|failure|notification|failed|has failed)|failure notice|non remis|unzustellbar"
    r"|(?:could not|cannot|not) (?:be )?(?:delivered|send message)|配信不能|配信できません|配信に失敗|送信できません"
    r"|送信エラー|宛先不明|不達|エラーメール|退信",
    re.IGNORECASE,
)
# A status of mail servers, a field of their reports, or what they say in their own words.
_BOUNCED_BODY: Final = re.compile(
    r"(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d.])|(?<![\d.])[45][0-5]\d[ -][^\n]{0,80}(?:user|unknown|reject|mailbox)"
    r"|^(?:final-recipient|diagnostic-code|reporting-mta)\s*:|this is the (?:mail system|\S+ program) at"
    r"|user unknown|unknown user|(?:could not|cannot|not|unable to|failed to) (?:be )?deliver"
    r"|original message (?:follows|was received)|存在しません|見つかりません|配信できません|送信できません"
    r"|届けることができません|宛先不明",
    re.IGNORECASE | re.MULTILINE,
)
_BODY_READ: Final = 20_000
# Programs that answer for somebody who is away and say so in the subject alone. With "Re:" before it a person answers,
# and who goes on in words writes about one ("自動返信メールが届きません").
_SAYS_AUTOMATIC: Final = re.compile(
    r"\s*+[\[【（(《]?\s*+(?:(?:自動返信|自動応答|不在通知|不在応答|不在のお知らせ|自动回复|自動回覆|자동 ?회신)"
    r"(?=\s*(?:[\]】）)》:：]|re\b|$))|(?:automatic reply|auto[- ]?reply|out of (?:the )?office|abwesenheitsnotiz"
    r"|réponse automatique|respuesta automática)\b)",
    re.IGNORECASE,
)
_AUTOMATIC_HEADERS: Final = ("x-autoreply", "x-autorespond", "x-autoresponse", "x-mail-autoreply")
_SUPPRESSING: Final = frozenset({"all", "oof", "autoreply"})
_LIST_HEADERS: Final = ("list-id", "list-post", "list-unsubscribe", "x-ml-name", "x-mailing-list")


def classify(
    *,
    headers: Mapping[str, Sequence[str]],
    content_type: str,
    report_type: str,
    sender: str,
    subject: str = "",
    text: str = "",
) -> Auto | None:
    """What kind of machine wrote this mail; None for a person.

    `headers` are raw values by lower-case name, `sender` the raw From, `subject` and `text` in plain. The verdict
    forbids automatic answers only: a customer's mail that came through a mailing list is still a case.
    """
    if LOOP_HEADER.lower() in headers:
        return "loop"
    if content_type == "multipart/report" and report_type == "disposition-notification":
        return "receipt"
    if _is_bounce(headers, content_type, report_type) or _reads_like_a_bounce(headers, subject):
        return "bounce"
    if _BOUNCER.search(sender) and _is_a_servers_word(headers, sender, subject, text):
        return "bounce"
    if _is_automatic(headers, content_type) or _SAYS_AUTOMATIC.match(subject):
        return "auto-reply"
    if _is_list(headers):
        return "list"
    return None


def _first(headers: Mapping[str, Sequence[str]], name: str) -> str:
    values = headers.get(name)
    return values[0].strip().lower() if values else ""


def _is_bounce(headers: Mapping[str, Sequence[str]], content_type: str, report_type: str) -> bool:
    if content_type == "multipart/report" and report_type in ("delivery-status", ""):
        return True
    return content_type == "message/delivery-status" or "x-failed-recipients" in headers


def _is_a_servers_word(headers: Mapping[str, Sequence[str]], sender: str, subject: str, text: str) -> bool:
    """Whether what comes from a server's address is from the server: sent by nobody, by no address, or a bounce in
    subject and body.
    """
    if "@" not in sender or _is_from_nobody(headers):
        return True
    return bool(_BOUNCED_SUBJECT.search(subject) and _BOUNCED_BODY.search(text[:_BODY_READ]))


def _is_from_nobody(headers: Mapping[str, Sequence[str]]) -> bool:
    submitted = _first(headers, "auto-submitted").partition(";")[0].strip()
    return _first(headers, "return-path") == "<>" or submitted not in ("", "no")


def _reads_like_a_bounce(headers: Mapping[str, Sequence[str]], subject: str) -> bool:
    """Of those that come from nobody, or are called so by Exchange."""
    told_by_exchange = _first(headers, "content-class").endswith(":dsn")
    return told_by_exchange or (_is_from_nobody(headers) and bool(_BOUNCED_SUBJECT.search(subject)))


def _is_automatic(headers: Mapping[str, Sequence[str]], content_type: str) -> bool:
    submitted = _first(headers, "auto-submitted").partition(";")[0].strip()
    if submitted not in ("", "no") or content_type == "multipart/report":
        return True
    if any(name in headers for name in _AUTOMATIC_HEADERS):
        return True
    if _first(headers, "precedence") in ("auto_reply", "auto-reply"):
        return True
    suppressed = {word.strip() for word in _first(headers, "x-auto-response-suppress").split(",")}
    return bool(suppressed & _SUPPRESSING) or _first(headers, "return-path") == "<>"


def _is_list(headers: Mapping[str, Sequence[str]]) -> bool:
    return _first(headers, "precedence") in ("bulk", "junk", "list") or any(
        name in headers for name in _LIST_HEADERS
    )
