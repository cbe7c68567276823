"""Mail that could not be fetched whole: its header with the reason in front, so that it ends in quarantine.

A mail that is too big must neither be lost nor stop those behind it. So its header arrives in its place; the
channel finds the reason and calls it unreadable, and people see it among what needs them.
"""

from madoguchi.kernel.text import one_line

_MARK = b"X-Madoguchi-Left-In-Mailbox: "


def stand_in(header: bytes, *, reason: str) -> bytes:
    """What is stored in place of the mail."""
    return _MARK + one_line(reason).encode() + b"\r\n" + header


def reason_in(raw: bytes) -> str:
    """Why the mail stayed in its mailbox; empty for a mail that is whole."""
    if not raw.startswith(_MARK):
        return ""
    return raw[len(_MARK) :].partition(b"\r\n")[0].decode(errors="replace")
