"""Reading the files that came and went, one at a time, in a process that has little to lose (`extract`)."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta

import structlog
from django.db.models import F

from madoguchi.cases.models import Attachment
from madoguchi.infra import files, scope
from madoguchi.kernel import clock
from madoguchi.kernel.own_pages import blot_secrets
from madoguchi.kernel.text import clean
from madoguchi.search.actions import give_up_reading, keep_text
from madoguchi.search.kinds import UNREADABLE, kind_of
from madoguchi.search.models import FileText

MOST_BYTES = 20_000_000
SECONDS = 30
# With doubling pauses from two minutes on, about eight hours.
MOST_TRIES = 9
_PASSED_ON = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "SYSTEMROOT")
_OPEN = (Attachment.Scan.NONE, Attachment.Scan.CLEAN)
logger = structlog.get_logger()


class NotNow(Exception):
    """What keeps a file from being read may pass: little memory, a slow machine, a folder that is not there."""


def read_waiting() -> Iterator[int]:
    """Read the files that wait for it, the oldest first, and make them be found; tells which, after each.

    What is not looked through yet, or is harmful, is not read. What cannot be read now has its next turn after a
    pause, and is given up after so many. It may be stopped anywhere and done twice.
    """
    while (waiting := _next()) is not None:
        _read(waiting)
        yield waiting.pk


def _read(waiting: FileText) -> None:
    if waiting.tries >= MOST_TRIES:
        give_up_reading(waiting)
        return
    try:
        keep_text(waiting, text=_text_of(waiting.attachment))
    except NotNow as reason:
        logger.warning(
            "file_not_read_now", attachment=waiting.pk, tries=waiting.tries + 1, reason=str(reason)
        )
        if waiting.tries + 1 >= MOST_TRIES:
            give_up_reading(waiting)


def _next() -> FileText | None:
    """The next one, with its tries as they were.

    The new try is counted, and the pause after it begun, before it is made: it may take this worker with it.
    """
    with scope.everywhere(reason="files of any company may wait to be read"):
        now = clock.now()
        waiting = FileText.objects.filter(
            state=FileText.State.WAITING, next_try_at__lte=now, attachment__scan__in=_OPEN
        )
        first = waiting.select_related("attachment").order_by("pk").first()
        if first:
            pause = timedelta(minutes=2 ** (first.tries + 1))
            FileText.objects.filter(pk=first.pk).update(tries=F("tries") + 1, next_try_at=now + pause)
        return first


def _text_of(attachment: Attachment) -> str | None:
    if attachment.size > MOST_BYTES:
        return None
    try:
        content = files.read(attachment.sha256, company=attachment.company_id)
    except OSError as error:
        raise NotNow(repr(error)) from error
    return text_of(content, kind=kind_of(attachment.filename, attachment.content_type))


def text_of(content: bytes, *, kind: str) -> str | None:
    """The words in a file, without card numbers and keys to own pages; None when none can be read in it.

    Raises NotNow when its process was killed, ran out of memory or time, or could not begin.
    """
    command = [sys.executable, "-P", "-m", "madoguchi.search.extract", kind]
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    try:
        done = subprocess.run(
            command,
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            timeout=SECONDS,
            check=False,
        )
    except (subprocess.TimeoutExpired, OSError) as error:
        raise NotNow(type(error).__name__) from error
    if done.returncode == UNREADABLE:
        return None
    if done.returncode:
        raise NotNow(f"its process ended with {done.returncode}")
    return blot_secrets(clean(done.stdout.decode()))
