"""Saying what the bot of a desk does, and at which words a person takes over."""

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.bot.events import BotLimitsSet, BotSet
from madoguchi.bot.limits import Kind, tidied, usual
from madoguchi.bot.models import MOST_YEN, Bot, LimitWords
from madoguchi.bot.policies import may_set_bot
from madoguchi.companies.models import Company, Desk
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import set_changed
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.text import clean, one_line


def stop_of(bot: Bot) -> str:
    """The moment at which a bot last stopped by itself, for who fills in a form of it; empty where it did not."""
    return bot.stopped_at.isoformat() if bot.stopped_at else ""


@transaction.atomic
def set_bot(
    desk: Desk,
    *,
    is_on: bool,
    name: str,
    greeting: str,
    hours: str,
    answer_from: int,
    suggest_from: int,
    yen_a_month: int = 0,
    yen_a_talk: int = 0,
    yen_by_people: int = 0,
    rewords: bool | None = None,
    seen_stop: str | None = None,
    by: Actor,
) -> Bot:
    """Switch the bot of a desk, and say how it answers and what it costs; `rewords` stays as it is where nothing is
    said of it. `seen_stop` is when it last stopped by itself (`stop_of`) as the actor saw it, None where that is not
    asked. Raises NotAllowed, and Refused where it would answer before it suggests, or stopped by itself since: nobody
    switches it on again without knowing.
    """
    if not may_set_bot(by, company=desk.company_id, desk=desk.pk):
        raise NotAllowed(Permission.DESKS)
    if hours not in Bot.Hours.values:
        raise Refused(_("Choose one of the list."), field="hours")
    if not 1 <= suggest_from <= answer_from <= 100:
        words = _("It suggests from a lower confidence on than it answers, both between 1 and 100.")
        raise Refused(words, field="suggest_from")
    bot, _new = Bot.objects.select_for_update().get_or_create(
        desk=desk, defaults={"company_id": desk.company_id}
    )
    if is_on and not bot.is_on and seen_stop is not None and seen_stop != stop_of(bot):
        words = _("This bot stopped by itself meanwhile: too many answers were judged wrong. Open it anew.")
        raise Refused(words, field="is_on")
    said = {"name": one_line(name, most=40), "greeting": clean(greeting).strip()[:400], "hours": str(hours)}
    costs = {"yen_a_month": yen_a_month, "yen_a_talk": yen_a_talk, "yen_by_people": yen_by_people}
    wishes = {} if rewords is None else {"rewords": rewords}
    for name, yen in costs.items():
        if not 0 <= yen <= MOST_YEN:
            raise Refused(_("Write whole yen, %(most)s at most.") % {"most": f"{MOST_YEN:,}"}, field=name)
    changes = set_changed(
        bot, is_on=is_on, answer_from=answer_from, suggest_from=suggest_from, **said, **costs, **wishes
    )
    if is_on and "is_on" in changes:
        bot.on_since, bot.stopped_at = clock.now(), None
        bot.save(update_fields=["on_since", "stopped_at"])
    if changes:
        record(BotSet(company=desk.company_id, desk=desk.pk, changes=changes), by=by)
    return bot


@transaction.atomic
def set_limit_words(company: Company, words: Mapping[Kind, str], *, by: Actor) -> list[Kind]:
    """Say at which words a person takes over, by kind; the usual words, or none, are those of the product again.
    Returns which kinds changed. Raises NotAllowed, or Refused for a kind without any word: then nobody would hear it.
    """
    if not may_set_bot(by, company=company.pk, desk=None):
        raise NotAllowed(Permission.DESKS)
    before = dict(LimitWords.objects.filter(company=company).values_list("kind", "words"))
    changed = []
    for kind, written in words.items():
        lines = "\n".join(tidied(written))
        wanted = "" if lines == "\n".join(tidied(usual(kind))) else lines
        if wanted == before.get(kind.value, ""):
            continue
        if wanted and all(line.startswith("-") for line in wanted.splitlines()):
            raise Refused(_("Only exceptions are left. Name at least one word."), field=kind.value)
        if wanted:
            LimitWords.objects.update_or_create(company=company, kind=kind, defaults={"words": wanted})
        else:
            LimitWords.objects.filter(company=company, kind=kind).delete()
        changed.append(kind)
    if changed:
        record(BotLimitsSet(company=company.pk, kinds=[kind.value for kind in changed]), by=by)
    return changed
