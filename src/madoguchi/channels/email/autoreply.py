"""Tells mail that a machine sent, so that no machine of ours answers it and two never talk for ever."""

import re
from collections.abc import Mapping, Sequence
from typing import Final, Literal

Auto = Literal["auto-reply", "bounce", "list", "loop"]

LOOP_HEADER: Final = "X-Madoguchi-Loop"
_BOUNCER: Final = re.compile(r"(?:^|[<\s\"])(?:mailer-daemon|postmaster)(?:@|$)", re.IGNORECASE)
_AUTOMATIC_HEADERS: Final = ("x-autoreply", "x-autorespond", "x-autoresponse", "x-mail-autoreply")
_SUPPRESSING: Final = frozenset({"all", "oof", "autoreply"})
_LIST_HEADERS: Final = ("list-id", "list-post", "list-unsubscribe", "x-ml-name", "x-mailing-list")


def classify(
    *, headers: Mapping[str, Sequence[str]], content_type: str, report_type: str, sender: str
) -> Auto | None:
    """What kind of machine wrote this mail; None for a person.

    `headers` are raw values by lower-case name, `sender` the raw From. The verdict forbids automatic
    answers only: a customer's mail that came through a mailing list is still a case.
    """
    if LOOP_HEADER.lower() in headers:
        return "loop"
    if _is_bounce(headers, content_type, report_type, sender):
        return "bounce"
    if _is_automatic(headers, content_type):
        return "auto-reply"
    if _is_list(headers):
        return "list"
    return None


def _first(headers: Mapping[str, Sequence[str]], name: str) -> str:
    values = headers.get(name)
    return values[0].strip().lower() if values else ""


def _is_bounce(
    headers: Mapping[str, Sequence[str]], content_type: str, report_type: str, sender: str
) -> bool:
    if content_type == "multipart/report" and report_type in ("delivery-status", ""):
        return True
    if content_type == "message/delivery-status" or "x-failed-recipients" in headers:
        return True
    return bool(_BOUNCER.search(sender))


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
