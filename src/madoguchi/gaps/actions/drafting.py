"""Drafts that begin by themselves: at night, of what customers ask and no article says, from how people answered it."""

import re
from collections import defaultdict

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from madoguchi.cases.models import Message, Status
from madoguchi.customers.apart import kin_of, together
from madoguchi.customers.blots import blotters_of_all
from madoguchi.delivery.checks import own_words
from madoguchi.gaps.events import GapDrafted
from madoguchi.gaps.models import Gap
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.blotting import blotted
from madoguchi.kernel.places import names_a_place
from madoguchi.knowledge.actions import Said, Settings, add_article
from madoguchi.knowledge.likeness import letters_of
from madoguchi.knowledge.models import ArticleVersion
from madoguchi.knowledge.queries import suggested

# A night begins so few, and none while so many that nights began are still drafts: people have to read them.
MOST_A_NIGHT, MOST_UNREAD = 5, 20
# What stands in answers to so many people who live apart is hardly of one of them.
_LEAST_CUSTOMERS = 2
_LEAST_LETTERS, _MOST_SENTENCES = 8, 30
_BY = system("gaps")
_SENTENCE = re.compile(r"(?<=[。！？!?])|\n")
State = Gap.State
logger = structlog.get_logger()


def draft_found(company: int) -> list[int]:
    """Begin drafts of the newest open gaps of a company; returns their articles. Nothing is published."""
    left = min(MOST_A_NIGHT, MOST_UNREAD - _unread(company))
    if left <= 0:
        return []
    # What could not be begun before gives way to what nobody has tried, and is tried again where there is room.
    found = Gap.objects.filter(company=company, state=State.OPEN, improves=None).order_by(
        F("put_off_at").asc(nulls_first=True), "-seen_at", "-pk"
    )
    with translation.override("ja"):
        begun = [_guarded(pk) for pk in found.values_list("pk", flat=True)[:left]]
    return [pk for pk in begun if pk is not None]


def _guarded(pk: int) -> int | None:
    try:
        return _begun(pk)
    except Exception:  # whatever it is about this one must not keep the others of the night waiting
        logger.exception("gap_not_drafted", gap=pk)
        Gap.objects.filter(pk=pk).update(put_off_at=clock.now())
        return None


def _unread(company: int) -> int:
    """How many that nights began nobody has written on or taken out of use."""
    mine = ArticleVersion.objects.filter(user=None, state=ArticleVersion.State.DRAFT, number=1)
    drafts = Gap.objects.filter(
        company=company, state=State.DRAFTED, article__newest=1, article__retired_at=None
    )
    return drafts.filter(article__in=mine.values("article")).count()


@transaction.atomic
def _begun(pk: int) -> int | None:
    gap = Gap.objects.select_for_update(of=("self",)).select_related("company").get(pk=pk)
    if gap.state != State.OPEN:
        return None
    named = "・".join(gap.named)[:100]
    said = Said(_("About “%(words)s”") % {"words": named}, _body(gap))
    article = add_article(gap.company, said, Settings(owner=_owner(gap)), by=_BY)
    gap.article, gap.state, gap.settled_at = article, State.DRAFTED, clock.now()
    gap.save(update_fields=["article", "state", "settled_at"])
    record(GapDrafted(company=gap.company_id, gap=gap.pk, article=article.pk), by=_BY)
    return article.pk


def _body(gap: Gap) -> str:
    named = {"words": "、".join(gap.words)}
    answered = answered_alike(gap)
    if not answered:
        return _("(Write the answer here.)\n\nWords of customers: %(words)s") % named
    how = _("(From answers in solved cases. Check each sentence before you have it approved.)")
    return "\n\n".join([how, "\n".join(answered), _("Words of customers: %(words)s") % named])


def answered_alike(gap: Gap) -> list[str]:
    """The sentences that people answered with, in solved cases of what the gap is of, to two customers or more: what
    was said to one alone may name them. A household and records that may be of one person count once, and what names
    anybody, or an address or number, is left out. Ten queries.
    """
    solved = Message.objects.filter(pk__in=gap.messages, case__status__in=[Status.SOLVED, Status.CLOSED])
    cases = dict(solved.exclude(case__customer=None).values_list("case", "case__customer"))
    people = together(set(cases.values()))
    ours = Message.objects.filter(case__in=cases, author=Message.Author.STAFF, automatic="").order_by(
        "at", "id"
    )
    told_to: dict[str, set[int]] = defaultdict(set)
    written: dict[str, str] = {}
    for case, text in ours.values_list("case", "text"):
        for part in map(str.strip, _SENTENCE.split(own_words(text))):
            letters = letters_of(part)
            if len(letters) >= _LEAST_LETTERS:
                told_to[letters].add(people[cases[case]])
                written.setdefault(letters, part)
    told = [written[one] for one, whose in told_to.items() if len(whose) >= _LEAST_CUSTOMERS]
    return _of_nobody(told, set(cases.values()))[:_MOST_SENTENCES]


def _of_nobody(sentences: list[str], customers: set[int]) -> list[str]:
    """Those that name none of these customers or their households, and nobody's address or number."""
    blots = blotters_of_all(kin_of(customers)) if sentences else []
    return [one for one in sentences if blotted(one, blots) == one and not names_a_place(one)]


def _owner(gap: Gap) -> int | None:
    """Who looks after the article that is nearest to it, if anybody does."""
    first = Message.objects.filter(pk__in=gap.messages).select_related("case__desk").order_by("-at").first()
    if first is None:
        return None
    near = suggested(first.case.desk, " ".join(gap.words), most=1)
    return near[0].article.owner_id if near else None
