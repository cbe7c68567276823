"""Subjects of mail: what mail programs and our own case numbers put around somebody's words."""

import re

# What mail programs put before the subject of an answer, however often and in whatever width.
_ANSWERED = re.compile(
    r"^(?:\s*(?:re|aw|sv|antw|返信|回复)(?:\s*[\[(]\d{1,3}[\])])?\s*[:：])+\s*", re.IGNORECASE
)


def without_answer_marks(subject: str) -> str:
    """The subject without any “Re:” before it."""
    return _ANSWERED.sub("", subject).strip()


def without_numbers(subject: str, *, prefix: str, but: str = "") -> str:
    """The subject without case numbers of the company as our mails write them, `[H-1001]`, except one."""
    number = re.compile(rf"\s*\[({re.escape(prefix)}-[0-9]{{1,9}})\]")
    return number.sub(lambda found: found[0] if found[1] == but else "", subject).strip()


def own_words(subject: str, *, prefix: str) -> str:
    """What somebody called the matter themselves."""
    return without_answer_marks(without_numbers(subject, prefix=prefix))
