"""What the bot does when something happens in a case."""

from madoguchi.bot import jobs
from madoguchi.bot.actions import fall_silent
from madoguchi.bot.models import Bot, Reason
from madoguchi.cases.events import CaseOpened, MessageReceived, MessageWritten
from madoguchi.cases.models import Case, Message
from madoguchi.infra.event_log import Recorded
from madoguchi.infra.reactions import reacts_to
from madoguchi.kernel.actor import ActorKind, system
from madoguchi.kernel.channel import TALKS


@reacts_to(CaseOpened, MessageReceived, name="bot.hear")
def hear(event: Recorded) -> None:
    """Have what a customer wrote in a chat or by LINE answered, where a bot is on."""
    fact = event.fact()
    if not isinstance(fact, CaseOpened | MessageReceived) or fact.channel not in TALKS or fact.automatic:
        return
    if not Bot.objects.filter(desk=event.desk, is_on=True).exists():
        return
    if isinstance(fact, MessageReceived):
        jobs.answer(fact.message, company=event.company)
        return
    theirs = Message.objects.filter(case=event.case, author=Message.Author.CUSTOMER, channel=fact.channel)
    for message in theirs.order_by("pk").values_list("pk", flat=True)[:1]:
        jobs.answer(message, company=event.company)


@reacts_to(MessageWritten, name="bot.silent")
def be_silent(event: Recorded) -> None:
    """From a person's first word on the bot is locked out."""
    fact = event.fact()
    if isinstance(fact, MessageWritten) and not fact.automatic and event.actor_kind == ActorKind.PERSON:
        case = Case.objects.filter(pk=event.case).first()
        if case is not None:
            fall_silent(case, reason=Reason.TAKEN_OVER, by=system("bot"))
