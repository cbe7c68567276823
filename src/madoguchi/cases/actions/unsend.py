"""A customer takes back what they said, where their channel lets them: words and files go, that it was said stays."""

from functools import partial

from django.db import transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from madoguchi.cases.events import MessageUnsent
from madoguchi.cases.models import Attachment, Case, Message
from madoguchi.infra import files, scope
from madoguchi.infra.event_log import record
from madoguchi.infra.named_files import is_named
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.languages import ours_for
from madoguchi.kernel.text import one_line

_EMPTY = {"subject": "", "text": "", "new_text": "", "html": "", "pieces": []}


@transaction.atomic
def unsend(message_id: int, *, by: Actor) -> bool:
    """Take the words and files of a customer's message away, also from the title and the list that quote it.

    Whether there was anything to take; doing it twice does nothing. Asks for no permission: the customer's own channel
    says so.
    """
    theirs = Message.objects.select_for_update(of=("self",)).select_related("case")
    message = theirs.filter(pk=message_id, author=Message.Author.CUSTOMER, unsent_at=None).first()
    if message is None:
        return False
    words = message.new_text or message.text
    Message.objects.filter(pk=message.pk).update(**_EMPTY, unsent_at=clock.now())
    _drop_files(message)
    _take_out_of(message.case, words)
    record(MessageUnsent(**message.case.where, message=message.pk), by=by)
    return True


def _take_out_of(case: Case, words: str) -> None:
    """The title of a case may be its first words, and a list shows its last."""
    with translation.override(ours_for(case.language)):
        instead = _("(Unsent by the customer)")
    changes: dict[str, object] = {"version": F("version") + 1}
    if not one_line(words) or case.subject == one_line(words, most=60):
        changes["subject"] = case.subject if case.subject and not one_line(words) else instead
    if case.preview == one_line(words, most=160):
        changes["preview"] = instead
    Case.objects.filter(pk=case.pk).update(**changes)


def _drop_files(message: Message) -> None:
    rows = Attachment.objects.filter(message=message)
    hashes = set(rows.values_list("sha256", flat=True))
    rows.delete()
    company = message.company_id
    for sha256 in hashes:
        transaction.on_commit(partial(_drop_file, sha256, company=company))


def _drop_file(sha256: str, *, company: int) -> None:
    with scope.acting_for([company]):
        files.drop_unless(partial(is_named, sha256), sha256, company=company)
