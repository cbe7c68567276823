"""Asking whoever knows more, answering, and what becomes of an answer. With `slips` the only writers here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases.models import Case
from madoguchi.companies.queries import desk_of_company
from madoguchi.customers.mail_addresses import mail_address_of
from madoguchi.escalations import enclosing, policies, slips
from madoguchi.escalations.events import (
    EscalationAnswered,
    EscalationAsked,
    EscalationAskedAgain,
    EscalationClosed,
    EscalationPassedOn,
    EscalationTaken,
    EscalationWithdrawn,
)
from madoguchi.escalations.models import Escalation, Slip
from madoguchi.escalations.words import line_of, moment_of, text_of
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission, system
from madoguchi.kernel.channel import File
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Problems, Refused
from madoguchi.knowledge.actions.articles import Said, Settings, add_article
from madoguchi.knowledge.models import Article
from madoguchi.knowledge.queries.articles import article_by_id
from madoguchi.people.queries import works_at
from madoguchi.promises.ledger import warn_at_of

To, State = Escalation.To, Escalation.State
MOST_OPEN, MOST_MINUTES = 30, 7 * 24 * 60
_BY_SLIP = system("slip")
_FREE: dict[str, Any] = {"taken_by_id": None, "taken_at": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Whom:
    """Who is asked: a kind, and where that needs it the person, the desk, or whoever is outside."""

    to: str
    person: int | None = None
    desk: int | None = None
    name: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked, for which cause, what was tried before, and by when an answer is needed; the files that go with
    it: those `chosen` of the case, and those that whoever asks adds.
    """

    question: str
    cause: str
    due_at: datetime | None
    tried: str = ""
    chosen: Sequence[int] = ()
    files: Sequence[File] = ()


def ask(case: Case, whom: Whom, asked: Question, *, by: Actor) -> Escalation:
    """Ask whoever knows more. The case stays with whoever is responsible; who is outside is asked by a slip.

    Raises NotAllowed for whom they may not ask, Refused for what makes no sense, for a file that is harmful or may not
    be sent, and when the case has 30 open ones.
    """
    _require_ask(case, whom, by)
    enclosing.require_harmless(asked.files)
    return _ask(case, whom, asked, by)


@transaction.atomic
def _ask(case: Case, whom: Whom, asked: Question, by: Actor) -> Escalation:
    slips.hold_case(case)
    if Escalation.objects.filter(case=case, state=State.OPEN).count() >= MOST_OPEN:
        raise Refused(_("This case has too many open questions already."), field="question")
    said, now = _said(case, whom, asked), clock.now()
    one = Escalation.objects.create(
        company_id=case.company_id,
        case=case,
        asked_by_id=by.id,
        asked_at=now,
        next_at=warn_at_of(case, now, said["due_at"]),
        **said,
    )
    count = enclosing.enclose(one, chosen=asked.chosen, sent=asked.files, by=by)
    record(EscalationAsked(**_about(one), **_addressed(one), cause=one.cause, files=count), by=by)
    if one.to == To.OUTSIDE:
        slips.bring(one, name=whom.name, address=whom.address, by=by)
    return one


@transaction.atomic
def pass_on(one: Escalation, whom: Whom, *, by: Actor) -> None:
    """Let others be asked instead, by the same time. A slip that brought it does not hold any more.

    Raises NotAllowed, Conflict where it is not open any more, and Refused as `ask`.
    """
    case = _held(one, State.OPEN)
    if not policies.may_pass_on(by, one, to=whom.to):
        raise NotAllowed(Permission.CASE_UPDATE)
    before, given = one.to, _whom(case, whom)
    _set(one, **given, opened_at=None, **_FREE)
    slips.drop_of(one, by=by)
    record(EscalationPassedOn(**_about(one), before_to=before, **_addressed(one)), by=by)
    if one.to == To.OUTSIDE:
        slips.bring(one, name=whom.name, address=whom.address, by=by)


@transaction.atomic
def note_opened(one: Escalation, *, by: Actor) -> bool:
    """Keep when somebody who is asked first read it; whether that was now. Others leave no trace."""
    if one.opened_at is not None or one.state != State.OPEN or not policies.may_answer(by, one):
        return False
    now = clock.now()
    first = Escalation.objects.filter(pk=one.pk, opened_at=None, state=State.OPEN).update(opened_at=now)
    one.opened_at = one.opened_at or now
    return bool(first)


@transaction.atomic
def take(one: Escalation, *, by: Actor) -> None:
    """Of several who are asked, be the one who sees to it. Twice does nothing.

    Raises NotAllowed for who is not asked, and Conflict where somebody else has taken it, or it is not open any more.
    """
    _held(one, State.OPEN)
    if one.taken_by_id is not None and one.taken_by_id != by.id and policies.may_answer(by, one):
        raise _is_anothers(one)
    if one.taken_by_id == by.id:
        return
    if by.id is None or not policies.may_take(by, one):
        raise NotAllowed(Permission.CASE_NOTE)
    now = clock.now()
    _set(one, taken_by_id=by.id, taken_at=now, opened_at=one.opened_at or now)
    record(EscalationTaken(**_about(one), to=one.to, person=by.id), by=by)


@transaction.atomic
def give_back(one: Escalation, *, by: Actor) -> None:
    """Let all who are asked see to it again. Raises NotAllowed for who has not taken it nor settles it, and Conflict
    where it is not open any more.
    """
    _held(one, State.OPEN)
    if not policies.may_give_back(by, one):
        raise NotAllowed(Permission.CASE_NOTE)
    _set(one, **_FREE)
    record(EscalationTaken(**_about(one), to=one.to, person=None), by=by)


@transaction.atomic
def answer(one: Escalation, *, text: str, minutes: int | None = None, by: Actor) -> None:
    """Answer what was asked. `minutes` is what it took; where they are not told, the time since it was first opened.

    Raises NotAllowed for who is not asked, Refused for no words, and Conflict where it was answered or withdrawn, or a
    colleague has taken it up.
    """
    _held(one, State.OPEN)
    if not policies.may_answer(by, one):
        raise NotAllowed(Permission.CASE_NOTE)
    if one.taken_by_id not in (None, by.id):
        raise _is_anothers(one)
    _answered(one, text, minutes, by, name="", person=by.id)


@transaction.atomic
def answer_by_slip(slip: Slip, *, text: str) -> None:
    """The answer of somebody outside, who has opened the slip. Raises Refused for no words, Conflict as `answer`, and
    where they are not asked any more.
    """
    one = Escalation.objects.select_related(*_RELATED).get(pk=slip.escalation_id)
    _held(one, State.OPEN)
    slips.hold_asked(slip)
    _set(one, opened_at=one.opened_at or slip.read_at)
    _answered(one, text, None, _BY_SLIP, name=slip.to_name, person=None)


@transaction.atomic
def ask_again(one: Escalation, *, words: str, due_at: datetime | None, by: Actor) -> None:
    """The answer does not suffice: ask the same once more. What was asked and answered before stands above it.

    Raises NotAllowed, Conflict where it is not answered or closed, and Refused as `ask`.
    """
    case = _held(one, State.ANSWERED, State.CLOSED)
    if not (policies.may_settle(by, one) and policies.may_ask(by, case, to=one.to)):
        raise NotAllowed(Permission.CASE_UPDATE)
    more = text_of(words, field="words", missing=_("Write what you ask."))
    due, now = moment_of(due_at), clock.now()
    told = f"{one.question}\n\n{_('The answer then:')}\n{one.answer}\n\n{_('Asked again:')}\n{more}"
    again: dict[str, Any] = {"state": State.OPEN, "answer": "", "answered_at": None, "answered_by_id": None}
    again |= {"answered_as": "", "opened_at": None, "late_at": None, "closed_at": None}
    again |= _FREE | {
        "article_id": None,
        "no_article": "",
        "due_at": due,
        "next_at": warn_at_of(case, now, due),
    }
    _set(one, question=text_of(told, field="words"), **again)
    record(EscalationAskedAgain(**_about(one), **_addressed(one)), by=by)
    if one.to == To.OUTSIDE:
        slips.bring_again(one, by=by)


@transaction.atomic
def withdraw(one: Escalation, *, by: Actor) -> None:
    """Nobody need answer any more. Raises NotAllowed, and Conflict where it is not open."""
    _held(one, State.OPEN)
    _require_settle(one, by)
    _set(one, state=State.WITHDRAWN, next_at=None, closed_at=clock.now())
    slips.drop_of(one, by=by)
    record(EscalationWithdrawn(**_about(one)), by=by)


@transaction.atomic
def close_with_article(one: Escalation, *, article: int, by: Actor) -> None:
    """The answer stands in an article that is there. Raises NotAllowed, Refused for none that they may read of this
    company, and Conflict where it is not answered.
    """
    _held(one, State.ANSWERED)
    _require_settle(one, by)
    try:
        found = article_by_id(by, article)
    except NotFound:
        found = None
    if found is None or found.company_id != one.company_id:
        raise Refused(_("There is no such article. Choose one of the list."), field="article")
    _closed(one, found, "", by)


@transaction.atomic
def close_with_draft(one: Escalation, said: Said, *, by: Actor) -> Article:
    """Make an article of the answer, a draft that the company approves. Raises as `close_with_article`, and Refused for
    what makes no article.
    """
    case = _held(one, State.ANSWERED)
    _require_settle(one, by)
    arranged = Settings(desk=case.desk, audience=Article.Audience.OPERATOR, owner=by.id)
    made = add_article(case.company, said, arranged, by=by)
    _closed(one, made, "", by)
    return made


@transaction.atomic
def close_without_article(one: Escalation, *, reason: str, by: Actor) -> None:
    """Nobody else need know the answer, for this reason. Raises as `close_with_article`; Refused for no reason."""
    _held(one, State.ANSWERED)
    _require_settle(one, by)
    missing = _("Say why nobody else need know this.")
    _closed(one, None, line_of(reason, field="reason", missing=missing, most=200), by)


def _answered(
    one: Escalation, text: str, minutes: int | None, by: Actor, *, name: str, person: int | None
) -> None:
    said = text_of(text, field="text", missing=_("Write the answer."))
    now = clock.now()
    if minutes is not None and not 0 <= minutes <= MOST_MINUTES:
        raise Refused(_("Write a number of minutes, at most a week."), field="minutes")
    if minutes is None and one.opened_at is not None:
        minutes = min(int((now - one.opened_at).total_seconds() // 60) + 1, MOST_MINUTES)
    late = one.due_at <= now
    answered: dict[str, Any] = {"state": State.ANSWERED, "answer": said, "answered_at": now, "next_at": None}
    answered |= {"answered_by_id": person, "answered_as": name, "late_at": one.due_at if late else None}
    # Asked again, it costs again.
    _set(one, **answered, minutes=None if minutes is None else (one.minutes or 0) + minutes)
    fact = EscalationAnswered(**_about(one), to=one.to, asker=one.asked_by_id, late=late, minutes=minutes)
    record(fact, by=by)


def _closed(one: Escalation, article: Article | None, reason: str, by: Actor) -> None:
    _set(one, state=State.CLOSED, article=article, no_article=reason, closed_at=clock.now())
    record(EscalationClosed(**_about(one), article=article.pk if article else None), by=by)


def _require_ask(case: Case, whom: Whom, by: Actor) -> None:
    if whom.to not in To.values:
        raise Refused(_("Choose whom to ask."), field="to")
    if not policies.may_ask(by, case, to=whom.to):
        raise NotAllowed(Permission.CASE_UPDATE)


def _require_settle(one: Escalation, by: Actor) -> None:
    if not policies.may_settle(by, one):
        raise NotAllowed(Permission.CASE_UPDATE)


def _said(case: Case, whom: Whom, asked: Question) -> dict[str, Any]:
    """What is asked, and whom, in columns. Raises Refused, with all that is wrong."""
    wrong, missing, none = Problems(), _("Write what you ask."), dict[str, Any]()
    to = wrong.of(lambda: _whom(case, whom), none)
    said = {
        "question": wrong.of(lambda: text_of(asked.question, field="question", missing=missing), ""),
        "tried": wrong.of(lambda: text_of(asked.tried, field="tried"), ""),
        "cause": wrong.of(lambda: _cause(asked), ""),
        "due_at": wrong.of(lambda: moment_of(asked.due_at), None),
    }
    wrong.end()
    return {**said, **to}


def _cause(asked: Question) -> str:
    if asked.cause not in Escalation.Cause.values:
        raise Refused(_("Choose one of the list."), field="cause")
    return asked.cause


def _whom(case: Case, whom: Whom) -> dict[str, Any]:
    """Who is asked, in columns. Raises Refused."""
    person = desk = None
    if whom.to == To.PERSON:
        if whom.person is None or not works_at(whom.person, desk=case.desk_id, company=case.company_id):
            raise Refused(_("Choose somebody who works at this desk."), field="person")
        person = whom.person
    if whom.to == To.DESK:
        found = desk_of_company(whom.desk or 0, company=case.company_id)
        if found is None or found.pk == case.desk_id:
            raise Refused(_("Choose another desk of this company."), field="desk")
        desk = found.pk
    if whom.to == To.OUTSIDE:
        wrong = Problems()
        wrong.of(lambda: line_of(whom.name, field="name", missing=_("Write whom it is for.")), "")
        wrong.of(lambda: mail_address_of(whom.address, field="address"), "")
        wrong.end()
    return {"to": whom.to, "person_id": person, "desk_id": desk}


_RELATED = ("case__company", "case__desk", "case__continued_in__company", "case__continued_in__desk")


def _held(one: Escalation, *states: Escalation.State) -> Case:
    """The case where it is worked on; the escalation as it is, kept from others. Raises Conflict in another state."""
    # Its key stays free: whoever says that a slip is done has PostgreSQL look whether the question is there.
    rows = Escalation.objects.select_for_update(of=["self"], no_key=True).select_related(*_RELATED)
    one.refresh_from_db(from_queryset=rows)
    if one.state not in states:
        raise Conflict(_("Somebody was faster: this question is in another state now. Look again."))
    return one.home


def _is_anothers(one: Escalation) -> Conflict:
    name = one.taken_by.name if one.taken_by else ""
    return Conflict(_("%(name)s has taken this question up and answers it.") % {"name": name})


def _set(one: Escalation, **values: Any) -> None:
    for name, value in values.items():
        setattr(one, name, value)
    one.save()


def _about(one: Escalation) -> dict[str, Any]:
    return {**one.home.where, "escalation": one.pk}


def _addressed(one: Escalation) -> Mapping[str, Any]:
    return {"to": one.to, "person": one.person_id, "to_desk": one.desk_id}
