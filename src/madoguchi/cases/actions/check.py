"""Files that customers sent are looked through for harm before anybody opens them."""

import structlog
from procrastinate.contrib.django import app

from madoguchi.cases.events import FileHeld
from madoguchi.cases.models import Attachment
from madoguchi.infra import clamd, files, scope
from madoguchi.infra.event_log import record
from madoguchi.kernel.actor import system
from madoguchi.kernel.text import one_line

CHECKER = system("file check")
logger = structlog.get_logger()


def schedule_check(message: int, *, company: int) -> None:
    """Have the files of a message looked through, by a job of the same transaction."""
    app.configure_task("cases.check_files", queue="files").defer(message=message, company=company)


def check_files(message: int, *, company: int) -> int:
    """Have the files of a message that wait for it looked through; returns how many still wait.

    Where the scanner cannot be reached they wait on, unopened; nothing is ever lost. May run twice at once.
    """
    with scope.acting_for([company]):
        waiting = Attachment.objects.filter(message_id=message, scan=Attachment.Scan.WAITING)
        found = list(waiting.select_related("message__case").order_by("pk"))
    for number, attachment in enumerate(found):
        try:
            harm = clamd.harm_in(files.read(attachment.sha256, company=company))
        except OSError:
            logger.warning("file_not_checked", attachment=attachment.pk, exc_info=True)
            return len(found) - number
        _settle(attachment, harm)
    return 0


def check_left_over(*, most: int = 200) -> int:
    """Look through the files that still wait, the oldest first; returns how many messages they belong to."""
    with scope.everywhere(reason="files of any company may wait for the scanner"):
        waiting = Attachment.objects.filter(scan=Attachment.Scan.WAITING).order_by("pk")
        left = dict.fromkeys(waiting.values_list("message_id", "company_id")[:most])
    for message, company in left:
        if check_files(message, company=company):
            break
    return len(left)


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
