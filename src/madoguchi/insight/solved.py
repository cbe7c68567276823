"""Figures of cases, promises and a bot's talks: how soon, how well, how often passed on. Pure."""

from collections.abc import Callable

from madoguchi.insight.definitions import OURS, Definition, Family, Unit
from madoguchi.insight.reckoning import each
from madoguchi.insight.records import Asked, Coordination, Done, Kept, Over, Replied, Talk
from madoguchi.promises.located import N_

# A customer who comes back within so many days was not helped by the first contact.
WITHIN_DAYS = 7
_DONE, _FIRST = N_("Cases that were solved"), N_("Until the first answer (P80)")
_FCR, _DECIDED = N_("First contact resolution"), N_("Cases that were solved 7 days ago or earlier")
_TOLD = N_("Told of the delay in time")
_ANSWERED = N_("Cases that were answered first in the span, or still waited at its end")
_HOPS, _UNTIL = N_("Hops"), N_("Until solved (P80)")


# For which causes somebody else is asked, and who is.
CAUSES = (
    ("knowledge", N_("Escalated for want of knowledge")),
    ("authority", N_("Escalated for want of authority")),
    ("system", N_("Escalated because of the system")),
    ("rule", N_("Escalated because of a rule")),
)
RECEIVERS = (
    ("person", N_("Escalated to a person")),
    ("desk", N_("Escalated to another desk")),
    ("team", N_("Escalated to the team")),
    ("seniors", N_("Escalated to the seniors of the desk")),
    ("managers", N_("Escalated to the operator’s managers")),
    ("company", N_("Escalated to the company")),
    ("outside", N_("Escalated to somebody without an account")),
)


def _holds(field: str, value: str) -> Callable[[Done], bool]:
    return lambda done: value in getattr(done, field)


def _measured_wait(replied: Replied) -> float | None:
    """None where nothing was measured: nobody answered, and no working time has passed."""
    return replied.waited if replied.answered or replied.waited else None


_CASE = Family(Done)
_KEPT = Family(Kept)
_TALK = Family(Talk)
SOLVED: tuple[Definition[Done], ...] = (
    _CASE.share(
        "fcr",
        "2",
        lambda d: d.contacts <= 1 and (not d.came_back),
        lambda d: d.decided,
        title=_FCR,
        formula=N_(
            "solved with 1 contact and none for the same matter of the same customer within 7 days ÷ solved"
        ),
        denominator=_DECIDED,
        goal="≥ 70%",
    ),
    _CASE.share(
        "fcr",
        "1",
        lambda d: d.said <= 1 and (not d.wrote_again),
        lambda d: d.decided,
        title=_FCR,
        formula="solved with 1 message of the customer and none for the same matter of the same customer within 7 days"
        " ÷ solved",
        denominator=_DECIDED,
        goal="≥ 70%",
    ),
    _CASE.share(
        "escalation_rate",
        "2",
        lambda d: d.escalated,
        each,
        title=N_("Escalation rate"),
        formula="solved in which somebody else was ever asked, withdrawn or not ÷ solved",
        denominator=_DONE,
    ),
    _CASE.share(
        "escalation_rate",
        "3",
        lambda d: bool(d.causes),
        each,
        title=N_("Escalation rate"),
        formula=N_(
            "solved in which somebody else was asked before that, withdrawn questions left out ÷ solved"
        ),
        denominator=_DONE,
    ),
    *(
        _CASE.share(
            f"escalated_for_{cause}",
            "1",
            _holds("causes", cause),
            each,
            title=title,
            formula=f"as escalation_rate v3, for the cause {cause} ÷ solved",
            denominator=_DONE,
        )
        for cause, title in CAUSES
    ),
    *(
        _CASE.share(
            f"escalated_to_{receiver}",
            "1",
            _holds("receivers", receiver),
            each,
            title=title,
            formula=f"as escalation_rate v3, to {receiver} ÷ solved",
            denominator=_DONE,
        )
        for receiver, title in RECEIVERS
    ),
    _CASE.share(
        "proposal_taken",
        "1",
        lambda d: d.proposal_taken is True,
        lambda d: d.proposal_taken is not None,
        title=N_("Proposals that customers took"),
        formula=N_("solved in which the customer took what was proposed ÷ solved of which that is known"),
        denominator=N_("Cases that were solved, in which it was written down whether a proposal was taken"),
        source=OURS,
    ),
    _CASE.ratio(
        "hops",
        "1",
        lambda d: d.hops,
        each,
        title=_HOPS,
        formula="Σ hops ÷ solved",
        denominator=_DONE,
        unit=Unit.NUMBER,
        source=OURS,
    ),
    _CASE.share(
        "hop2_rate",
        "1",
        lambda d: d.hops >= 2,
        each,
        title=N_("Passed on twice or more"),
        formula=N_("solved with hops ≥ 2 ÷ solved"),
        denominator=_DONE,
        source=OURS,
        goal="≤ 3%",
    ),
    _CASE.share(
        "wrong_desk_rate",
        "1",
        lambda d: d.elsewhere,
        each,
        title=N_("Came to the wrong desk"),
        formula=N_("solved after somebody sent it to another desk ÷ solved"),
        denominator=_DONE,
        source=OURS,
    ),
    _CASE.share(
        "told_again",
        "1",
        lambda d: bool(d.told_again),
        lambda d: d.told_again is not None,
        title=N_("Had to explain again"),
        formula="“I said so before” ÷ asked",
        denominator=N_("Customers who were asked"),
        source=OURS,
        kept=False,
    ),
    _CASE.share(
        "told_again",
        "2",
        lambda d: d.said_again,
        each,
        title=N_("Had to explain again"),
        formula="solved in which the customer wrote “as I said before” or the like ÷ solved",
        denominator=_DONE,
        source=OURS,
    ),
    _CASE.percentile(
        "first_reply_p80",
        "1",
        80,
        lambda d: d.answered_after,
        title=_FIRST,
        formula="P80 of working time until the first answer (nearest rank)",
        denominator=N_("Solved cases that were answered"),
        unit=Unit.SECONDS,
        source=OURS,
        goal="≤ 14,400 s",
    ),
    _CASE.percentile(
        "time_to_solve_p80",
        "1",
        80,
        lambda d: d.solved_after,
        title=_UNTIL,
        formula="P80 of working time until solved (nearest rank)",
        denominator=_DONE,
        unit=Unit.SECONDS,
        source=OURS,
    ),
    _CASE.percentile(
        "time_to_solve_p80",
        "2",
        80,
        lambda d: d.solved_after_then,
        title=_UNTIL,
        formula="P80 of working time until solved, by the calendar that held when it was opened (nearest rank)",
        denominator=_DONE,
        unit=Unit.SECONDS,
        source=OURS,
    ),
)
_REPLIED = Family(Replied)
REPLIED: tuple[Definition[Replied], ...] = (
    _REPLIED.percentile(
        "first_reply_p80",
        "2",
        80,
        lambda r: r.waited,
        title=_FIRST,
        formula=N_("P80 of working time until the first answer, or until the end of the span (nearest rank)"),
        denominator=_ANSWERED,
        unit=Unit.SECONDS,
        source=OURS,
        goal="≤ 14,400 s",
    ),
    _REPLIED.percentile(
        "first_reply_p80",
        "3",
        80,
        _measured_wait,
        title=_FIRST,
        formula=N_(
            "P80 of working time until the first answer, or until the end of the span where any has passed"
            " (nearest rank)"
        ),
        denominator=N_(
            "Cases that were answered first in the span, or had waited for some working time at its end"
        ),
        unit=Unit.SECONDS,
        source=OURS,
        goal="≤ 14,400 s",
    ),
    _REPLIED.share(
        "still_waiting",
        "1",
        lambda r: not r.answered,
        each,
        title=N_("Still wait for their first answer"),
        formula="not answered by the end of the span ÷ (these + answered first in it)",
        denominator=_ANSWERED,
        source=OURS,
    ),
)
OVERS: tuple[Definition[Over], ...] = (
    Family(Over).share(
        "delay_told",
        "2",
        lambda o: o.told_before,
        each,
        title=_TOLD,
        formula=N_(
            "told reason, state and new time before each time ran out ÷ cases of which a time ran out"
        ),
        denominator=N_("Cases of which a clock or a first promised time ran out"),
        source=OURS,
        goal="≥ 95%",
    ),
)
COORDINATION: tuple[Definition[Coordination], ...] = (
    Family(Coordination).ratio(
        "company_minutes",
        "2",
        lambda c: c.minutes,
        lambda c: c.contacts,
        title=N_("The company’s own minutes"),
        formula="minutes of the company on questions that it answered ÷ contacts × 100",
        denominator=N_("Contacts"),
        times=100,
        unit=Unit.NUMBER,
        source=OURS,
    ),
)
_ASKED = Family(Asked)
ASKED: tuple[Definition[Asked], ...] = (
    _ASKED.ratio(
        "escalation_rate",
        "1",
        lambda a: a.asked,
        lambda a: a.opened,
        title=N_("Escalation rate"),
        formula=N_("cases in which somebody else was asked ÷ cases opened, withdrawn questions left out"),
        denominator=N_("Cases that were opened"),
        source=OURS,
    ),
)
PROMISES: tuple[Definition[Kept], ...] = (
    _KEPT.share(
        "promise_kept",
        "1",
        lambda p: p.kept,
        each,
        title=N_("Promises kept"),
        formula=N_("kept in time ÷ (kept in time + broken)"),
        denominator=N_("Promises whose last told time is over, withdrawn ones left out"),
        source=OURS,
        goal="≥ 98%",
    ),
    _KEPT.share(
        "delay_told",
        "1",
        lambda p: p.told_before,
        lambda p: p.late_at_first,
        title=_TOLD,
        formula="told before the first time ran out ÷ not kept by the first time",
        denominator=N_("Promises that were not kept by the time told at first"),
        source=OURS,
        goal="≥ 95%",
    ),
)
TALKED: tuple[Definition[Talk], ...] = (
    _TALK.share(
        "self_service_rate",
        "1",
        lambda t: not t.needed_person,
        lambda t: t.answered,
        title=N_("Solved without a person"),
        formula=N_("no person within 72 hours ÷ talks"),
        denominator=N_("Talks in which the bot answered"),
        source=OURS,
    ),
    _TALK.share(
        "left_talks",
        "1",
        lambda t: t.left,
        each,
        title=N_("Left without an answer of the bot"),
        formula="nothing answered, and no person within 72 hours ÷ talks",
        denominator=N_("Talks of the bot that are decided"),
        source=OURS,
    ),
)
