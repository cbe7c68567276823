"""Learning from what people marked as grave, once a night for each company that has a bot."""

from dataclasses import asdict

import structlog
from django.db import transaction

from madoguchi.bot.events import BotLearned
from madoguchi.bot.learned import Labelled, examine
from madoguchi.bot.limits import found_in
from madoguchi.bot.models import Bot, LearnedLimit
from madoguchi.bot.queries import labelled_cases, limit_words
from madoguchi.infra import scope
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, system

BOT = system("bot")
logger = structlog.get_logger()


def learn_all() -> None:
    """Learn anew for every company that has a bot which is on."""
    with scope.everywhere(reason="companies with a bot are learned for one after the other"):
        companies = sorted(set(Bot.objects.filter(is_on=True).values_list("company", flat=True)))
    for company in companies:
        try:
            with scope.acting_for([company]):
                learn_limits(company)
        except Exception:  # whatever it is about this company must not keep the others from being learned for
            logger.exception("bot_not_learned", company=company)


def learn_limits(company: int, *, by: Actor = BOT) -> LearnedLimit:
    """Learn from what the people of a company marked in the last year when else a person is wanted at once, and measure
    it beside the words. Where too little was marked, or nothing holds, the words stand alone.
    """
    words = limit_words(company)
    rows = [Labelled(text, grave) for text, grave in labelled_cases(company)]
    learned, measured = examine(rows, lambda text: found_in(text, words) is not None)
    told = {
        "weights": dict(learned.weights) if learned else {},
        "threshold": learned.threshold if learned else None,
        "measured": asdict(measured),
        "at": clock.now(),
    }
    with transaction.atomic():
        made, _new = LearnedLimit.objects.update_or_create(company_id=company, defaults=told)
        record(BotLearned(company=company, used=learned is not None, **asdict(measured)), by=by)
    return made
