"""Reading the files that came and went, one at a time, in a process that has little to lose (`extract`)."""

import os
import subprocess
import sys
from collections.abc import Iterator

import structlog
from django.db.models import F

from madoguchi.cases.models import Attachment
from madoguchi.infra import files, scope
from madoguchi.kernel.own_pages import blot_secrets
from madoguchi.kernel.text import clean
from madoguchi.search.actions import keep_text
from madoguchi.search.kinds import kind_of
from madoguchi.search.models import FileText

MOST_BYTES = 20_000_000
SECONDS = 30
# A file that took so many workers with it is not read again.
MOST_TRIES = 3
_PASSED_ON = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "SYSTEMROOT")
_OPEN = (Attachment.Scan.NONE, Attachment.Scan.CLEAN)
logger = structlog.get_logger()


def read_waiting() -> Iterator[int]:
    """Read the files that wait for it, the oldest first, and make them be found; tells which, after each.

    What is not looked through yet, or is harmful, is not read. It may be stopped anywhere and done twice.
    """
    while (waiting := _next()) is not None:
        text = _text_of(waiting.attachment) if waiting.tries < MOST_TRIES else None
        keep_text(waiting, text=text)
        yield waiting.pk


def _next() -> FileText | None:
    """The next one, with its tries as they were; the new try is counted before it is made."""
    with scope.everywhere(reason="files of any company may wait to be read"):
        waiting = FileText.objects.filter(state=FileText.State.WAITING, attachment__scan__in=_OPEN)
        first = waiting.select_related("attachment").order_by("pk").first()
        if first:
            FileText.objects.filter(pk=first.pk).update(tries=F("tries") + 1)
        return first


def _text_of(attachment: Attachment) -> str | None:
    if attachment.size > MOST_BYTES:
        return None
    try:
        content = files.read(attachment.sha256, company=attachment.company_id)
    except OSError:
        logger.warning("file_not_read", attachment=attachment.pk, exc_info=True)
        return None
    return text_of(content, kind=kind_of(attachment.filename, attachment.content_type))


def text_of(content: bytes, *, kind: str) -> str | None:
    """The words in a file, without card numbers and keys to own pages; None when that cannot be read in bounds."""
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
    except subprocess.TimeoutExpired:
        return None
    return blot_secrets(clean(done.stdout.decode())) if done.returncode == 0 else None
