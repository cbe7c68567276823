"""Files that customers sent are looked through for harm before anybody opens them."""

from contextlib import suppress
from datetime import timedelta

import structlog
from django.db.models import Q
from procrastinate.contrib.django import app

from madoguchi.cases.events import FileHeld
from madoguchi.cases.models import Attachment
from madoguchi.infra import clamd, files, scope
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.text import one_line

CHECKER = system("file check")
logger = structlog.get_logger()
_LONGEST_PAUSE = timedelta(days=1)


def schedule_check(message: int, *, company: int) -> None:
    """Have the files of a message looked through, by a job of the same transaction."""
    app.configure_task("cases.check_files", queue="files").defer(message=message, company=company)


def check_files(message: int, *, company: int) -> int:
    """Have the files of a message that wait for it looked through; returns how many still wait.

    What has no verdict waits on, unopened, and keeps no other from its own; where the scanner cannot be reached all
    wait. Nothing is ever lost. May run twice at once.
    """
    found = _waiting(company=company, message_id=message)
    verdicts = 0
    with suppress(clamd.NotChecked):
        verdicts = sum(_check(attachment) for attachment in found)
    return len(found) - verdicts


def check_left_over(*, most: int = 200) -> int:
    """Look through the files that still wait, the oldest first; returns how many of them now have a verdict.

    A file that the scanner does not judge, or whose bytes are gone, is passed over and asked for again after a pause,
    twice as long each time, up to a day; the scanner's absence ends it, and is no fault of the file's.
    """
    verdicts, last = 0, 0
    with suppress(clamd.NotChecked):
        while verdicts < most and (left := _waiting_anywhere(after=last, most=most)):
            for last, company in left:
                verdicts += sum(_check(attachment) for attachment in _waiting(company=company, pk=last))
    return verdicts


def _waiting(*, company: int, **wanted: int) -> list[Attachment]:
    with scope.acting_for([company]):
        rows = Attachment.objects.filter(scan=Attachment.Scan.WAITING, **wanted)
        return list(rows.select_related("message__case").order_by("pk"))


def _waiting_anywhere(*, after: int, most: int) -> list[tuple[int, int]]:
    with scope.everywhere(reason="files of any company may wait for the scanner"):
        rows = Attachment.objects.filter(scan=Attachment.Scan.WAITING, pk__gt=after).order_by("pk")
        rows = rows.filter(Q(ask_again_at=None) | Q(ask_again_at__lte=clock.now()))
        return list(rows.values_list("pk", "company_id")[:most])


def _check(attachment: Attachment) -> bool:
    """Whether there is a verdict now. Raises NotChecked where there is none for any file."""
    try:
        harm = clamd.harm_in(files.read(attachment.sha256, company=attachment.company_id))
    except (clamd.NoVerdict, FileNotFoundError):
        logger.warning("file_not_checked", attachment=attachment.pk, exc_info=True)
        _put_off(attachment)
        return False
    except clamd.NotChecked:
        logger.warning("scanner_away", attachment=attachment.pk, exc_info=True)
        raise
    _settle(attachment, harm)
    return True


def _put_off(attachment: Attachment) -> None:
    pause = min(timedelta(minutes=2 ** min(attachment.asks, 20)), _LONGEST_PAUSE)
    with scope.acting_for([attachment.company_id]):
        mine = Attachment.objects.filter(pk=attachment.pk, scan=Attachment.Scan.WAITING, asks=attachment.asks)
        mine.update(asks=min(attachment.asks + 1, 1000), ask_again_at=clock.now() + pause)


def _settle(attachment: Attachment, harm: str) -> None:
    verdict = Attachment.Scan.HARMFUL if harm else Attachment.Scan.CLEAN
    with scope.acting_for([attachment.company_id]):
        mine = Attachment.objects.filter(pk=attachment.pk, scan=Attachment.Scan.WAITING)
        if mine.update(scan=verdict, finding=one_line(harm, most=200)) and harm:
            case = attachment.message.case
            fact = FileHeld(
                **case.where,
                attachment=attachment.pk,
                finding=one_line(harm, most=200),
            )
            record(fact, by=CHECKER)
