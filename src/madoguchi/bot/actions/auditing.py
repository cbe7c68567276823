"""A person says of an answer that was drawn for an audit whether it was right."""

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.bot.audits import found_since, sample_of, weeks
from madoguchi.bot.events import BotAudited, BotStopped
from madoguchi.bot.models import Bot, Turn, Verdict
from madoguchi.bot.policies import may_audit
from madoguchi.bot.sampling import week_of
from madoguchi.cases.models import Case
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission, system
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.kernel.text import clean

MOST_WORDS = 400
# From so many percent of wrong answers on a bot stops, and on so few judged ones it never does.
MOST_WRONG, LEAST_JUDGED = 1, 20
_WITH_REASON = (Verdict.Found.WRONG, Verdict.Found.UNCLEAR)


@transaction.atomic
def judge_answer(turn: Turn, *, found: str, words: str, seen: str, by: Actor) -> Verdict:
    """Say whether an answer was right; `seen` is what stood there before. Raises NotAllowed, NotFound for an answer
    that was not drawn, Refused without a reason where one is needed, and Conflict where somebody else judged meanwhile.
    """
    if by.id is None or not may_audit(by, company=turn.company_id, desk=turn.desk_id):
        raise NotAllowed(Permission.CASE_APPROVE)
    if not _is_drawn(turn):
        raise NotFound(turn.pk)
    said = _read(found, words)
    Case.objects.select_for_update().get(pk=turn.case_id)
    before = Verdict.objects.filter(turn=turn).first()
    if (before.found if before else "") != seen:
        raise Conflict(
            _("Somebody else judged this answer meanwhile. Look at what they found, and judge anew.")
        )
    kept = {"case_id": turn.case_id, "found": said[0], "words": said[1], "user_id": by.id, "at": clock.now()}
    verdict, _new = Verdict.objects.update_or_create(company_id=turn.company_id, turn=turn, defaults=kept)
    if before is None or (before.found, before.words) != said:
        record(BotAudited(**turn.case.where, message=turn.said_id or 0, found=said[0]), by=by)
        _stop_if_wrong(turn.desk_id)
    return verdict


def _stop_if_wrong(desk: int) -> None:
    """A bot of whose answers provably more than one in a hundred is wrong answers nobody any more, until somebody who
    sets up the desk switches it on again. It is asked after each verdict, which the proof allows for; of fewer judged
    answers than `LEAST_JUDGED` none stops.
    """
    bot = (
        Bot.objects.select_for_update(of=("self",))
        .select_related("desk")
        .filter(desk=desk, is_on=True)
        .first()
    )
    share = found_since(bot.desk, bot.on_since) if bot else None
    if bot is None or share is None or share.all < LEAST_JUDGED or not share.is_proven_over(MOST_WRONG):
        return
    bot.is_on, bot.stopped_at = False, clock.now()
    bot.save(update_fields=["is_on", "stopped_at"])
    where = {"company": bot.company_id, "desk": desk}
    record(BotStopped(**where, wrong=share.wrong, judged=share.all), by=system("bot"))


def _read(found: str, words: str) -> tuple[str, str]:
    if found not in Verdict.Found.values:
        raise Refused(_("Choose one of the list."), field="found")
    reason = clean(words).strip()
    if len(reason) > MOST_WORDS:
        raise Refused(_("Write %(most)s characters at most.") % {"most": MOST_WORDS}, field="words")
    if not reason and found in _WITH_REASON:
        raise Refused(_("Say why, so that whoever looks after the article can put it right."), field="words")
    return found, reason


def _is_drawn(turn: Turn) -> bool:
    week = week_of(turn.at)
    return week in weeks() and turn.pk in {one.pk for one in sample_of(turn.desk, week)}
