"""What a split would do, said before it is done."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from madoguchi.cases.actions import Parts, parts_of
from madoguchi.cases.blotted import blotter_of
from madoguchi.cases.models import Attachment, Case, Message, Status
from madoguchi.cases.splitting import new_subject
from madoguchi.customers.queries import show
from madoguchi.delivery.models import Outgoing
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.text import one_line

MOST_OFFERED = 300
_ON_ITS_WAY = (Outgoing.State.QUEUED, Outgoing.State.SENDING)


@dataclass(frozen=True, slots=True)
class Choice:
    """A message that can be chosen: who wrote it, how it begins, how many files came with it."""

    message: Message
    who: str
    words: str
    files: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class SplitPreview:
    """What goes into the new case and what both will be like."""

    parts: Parts
    moving: list[Choice]
    staying: int
    subject: str
    files: int
    on_its_way: int
    status: str
    old_status: str
    waits: bool
    old_waits: bool


def choices_of(case: Case, *, actor: Actor, chosen: Collection[int] = ()) -> list[Choice]:
    """The last messages of a case, oldest first. Two queries."""
    told = Message.objects.filter(case=case).select_related("user").defer("html").order_by("-at", "-id")
    offered = list(told[:MOST_OFFERED])[::-1]
    files = _files_of(offered)
    return [_choice(case, m, files[m.pk], actor, m.pk in chosen) for m in offered]


def _files_of(messages: Sequence[Message]) -> Counter[int]:
    """How many files came with each message."""
    with_files = Attachment.objects.filter(message__in=[m.pk for m in messages])
    return Counter(with_files.values_list("message_id", flat=True))


def split_preview(case: Case, messages: Collection[int], *, subject: str, actor: Actor) -> SplitPreview:
    """What a split would do. Raises what the split itself would raise."""
    parts = parts_of(case, messages, by=actor)
    files = _files_of(parts.chosen)
    return SplitPreview(
        parts=parts,
        moving=[_choice(case, m, files[m.pk], actor, chosen=True) for m in parts.chosen],
        staying=len(parts.rest),
        subject=new_subject(case, parts.chosen, given=subject, prefix=case.company.prefix),
        files=files.total(),
        on_its_way=Outgoing.objects.filter(message__in=parts.chosen, state__in=_ON_ITS_WAY).count(),
        status=str(Status(parts.new["status"]).label),
        old_status=str(Status(parts.old["status"]).label),
        waits=parts.new["waiting_since"] is not None,
        old_waits=parts.old["waiting_since"] is not None,
    )


def chosen_in(asked: Mapping[str, str], written: Sequence[str]) -> tuple[set[int], str]:
    """The messages and the subject that somebody asks for; what is no id is left out."""
    return {int(one) for one in written if one.isdecimal() and len(one) < 19}, asked.get(
        "subject", ""
    ).strip()


def _choice(case: Case, message: Message, files: int, actor: Actor, chosen: bool) -> Choice:
    words = one_line(blotter_of(case, actor=actor)(message.new_text or message.text), most=120)
    return Choice(message, _who(case, message, actor), words, files, chosen)


def _who(case: Case, message: Message, actor: Actor) -> str:
    if message.author == Message.Author.SYSTEM:
        return _("Automatic mail")
    if message.user:
        return message.user.name
    scope = actor.data_scope(company=case.company_id)
    name, address = message.sender_name, message.sender_address
    return show(name, "name", scope) if name else show(address, "email", scope)
