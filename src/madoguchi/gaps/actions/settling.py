"""Settling what no article says: beginning one, or saying that none is needed."""

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.gaps.events import GapDrafted, GapSetAside
from madoguchi.gaps.models import Gap
from madoguchi.gaps.policies import may_settle
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, NotAllowed
from madoguchi.knowledge.actions import Said, Settings, add_article
from madoguchi.knowledge.models import Article

State = Gap.State


@transaction.atomic
def begin_article(gap: Gap, *, by: Actor) -> Article:
    """Begin an article of it: a draft that names what is asked and waits for the answer, looked after by who began it.
    Where an article falls short it is that one, to be written anew.

    What customers wrote is not taken over, for it may name them. Raises NotAllowed, and Conflict where one was begun.
    """
    held = _held(gap, by, State.OPEN, State.ASIDE)
    if held.improves is not None:
        return _begun(held, held.improves, by)
    named = "・".join(held.named)
    body = _("(Write the answer here.)\n\nWords of customers: %(words)s") % {"words": "、".join(held.words)}
    said = Said(_("About “%(words)s”") % {"words": named[:100]}, body)
    return _begun(held, add_article(held.company, said, Settings(owner=by.id), by=by), by)


def _begun(held: Gap, article: Article, by: Actor) -> Article:
    held.article = article
    _settle(held, State.DRAFTED)
    record(GapDrafted(company=held.company_id, gap=held.pk, article=article.pk), by=by)
    return article


@transaction.atomic
def set_aside(gap: Gap, *, by: Actor) -> None:
    """Say that it needs no article. Raises NotAllowed, and Conflict where it is settled."""
    held = _held(gap, by, State.OPEN)
    _settle(held, State.ASIDE)
    record(GapSetAside(company=held.company_id, gap=held.pk, aside=True), by=by)


@transaction.atomic
def take_up_again(gap: Gap, *, by: Actor) -> None:
    """Take that back. Raises NotAllowed, and Conflict where it was not set aside."""
    held = _held(gap, by, State.ASIDE)
    _settle(held, State.OPEN)
    record(GapSetAside(company=held.company_id, gap=held.pk, aside=False), by=by)


def _held(gap: Gap, by: Actor, *states: State) -> Gap:
    if not may_settle(by, company=gap.company_id):
        raise NotAllowed(Permission.ARTICLES_WRITE)
    held = Gap.objects.select_for_update(of=("self",)).select_related("company").get(pk=gap.pk)
    if held.state not in states:
        raise Conflict(_("Somebody has settled this already."))
    return held


def _settle(gap: Gap, state: State) -> None:
    gap.state = state
    gap.settled_at = None if state == State.OPEN else clock.now()
    gap.save(update_fields=["state", "settled_at", "article"])
