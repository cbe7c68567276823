"""Asking for an article where something is to be looked up nowhere."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases.models import Case, Message
from madoguchi.gaps.events import GapAsked
from madoguchi.gaps.models import Gap
from madoguchi.gaps.policies import may_ask
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import one_at_a_time
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.text import blot_card_numbers, one_line

_MOST_EXAMPLES = 20
State = Gap.State


@transaction.atomic
def ask_for_article(
    case: Case, words: Sequence[str], *, about: Gap.About = Gap.About.NOTHING, by: Actor
) -> Gap:
    """Say that nothing is known of these words, which the customer of a case asks: it stands among what no article
    says, as one in whatever languages it is asked for.

    Asked for again it counts once more for each case, and is taken up again where it was set aside. Raises NotAllowed,
    and Refused for no words.
    """
    if not may_ask(by, company=case.company_id, desk=case.desk_id):
        raise NotAllowed(Permission.CASE_NOTE)
    named = [one_line(blot_card_numbers(word), most=100) for word in words]
    named = list(dict.fromkeys(filter(None, named)))
    if not named:
        raise Refused(_("Write what is to be looked up nowhere."), field="words")
    one_at_a_time(f"gaps {case.company_id}")
    asked = Gap.objects.select_for_update().filter(company=case.company_id, kind=Gap.Kind.ASKED)
    gap = asked.filter(words=named, about=about).exclude(state=State.DRAFTED).first()
    now = clock.now()
    if gap is None:
        gap = Gap(company_id=case.company_id, kind=Gap.Kind.ASKED, about=about, words=named, first_at=now)
        gap.figures = {"times": 0}
    elif gap.state == State.OPEN and Message.objects.filter(pk__in=gap.messages, case=case).exists():
        return gap
    _take_in(gap, case)
    gap.seen_at, gap.state, gap.settled_at = now, State.OPEN, None
    gap.save()
    record(GapAsked(company=case.company_id, desk=case.desk_id, case=case.pk, gap=gap.pk), by=by)
    return gap


def _take_in(gap: Gap, case: Case) -> None:
    """Once more, with what the customer of the case wrote last."""
    gap.figures = {"times": gap.figures["times"] + 1}
    written = Message.objects.filter(case=case, author=Message.Author.CUSTOMER).order_by("-at", "-pk")
    newest = list(written.values_list("pk", flat=True)[:1])
    gap.messages = list(dict.fromkeys([*newest, *gap.messages]))[:_MOST_EXAMPLES]
