"""What somebody is told, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madoguchi.following.actions import Told
from madoguchi.following.models import Notification, Way, Wishes
from madoguchi.following.queries import COUNT_TO, newest_unread, notifications_of, unread_count, wishes_of
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused

_WORDS: dict[tuple[str, str], Promise] = {
    ("note.added", "mentioned"): gettext_lazy("%(who)s named you in a note"),
    ("praise.given", "mentioned"): gettext_lazy("%(who)s praised how you handled a case"),
    ("case.assigned", "assigned"): gettext_lazy("%(who)s made you responsible"),
    ("answer.approval_asked", "asked"): gettext_lazy("%(who)s asks you to approve an answer"),
    ("return.moved", "asked"): gettext_lazy("%(who)s asks you to agree to a refund"),
    ("answer.approved", "wrote"): gettext_lazy("%(who)s approved your answer"),
    ("answer.returned", "wrote"): gettext_lazy("%(who)s returned your answer with a comment"),
    ("answer.held", "wrote"): gettext_lazy("Your answer was held and not sent"),
    ("message.bounced", "wrote"): gettext_lazy("An answer of yours came back: it did not arrive"),
    ("message.failed", "wrote"): gettext_lazy("An answer of yours could not be sent"),
    ("task.added", "task"): gettext_lazy("%(who)s gave you a task"),
    ("task.given", "task"): gettext_lazy("%(who)s gave you a task"),
    ("task.due", "due"): gettext_lazy("A task of yours is due"),
    ("clock.warned", "due"): gettext_lazy("A time that was promised is running out"),
    ("clock.breached", "due"): gettext_lazy("A time that was promised has run out"),
    ("promise.warned", "due"): gettext_lazy("A promise to a customer comes near its time"),
    ("promise.broken", "due"): gettext_lazy("A promise to a customer was not kept in time"),
    ("delay.waits", "due"): gettext_lazy("A delay notice is drafted, and nobody has sent it"),
    ("clock.reached", "assigned"): gettext_lazy("A promised time needs you: %(who)s"),
    ("escalation.asked", "question"): gettext_lazy("%(who)s asks you something about a case"),
    ("escalation.passed_on", "question"): gettext_lazy("%(who)s passed a question on to you"),
    ("escalation.asked_again", "question"): gettext_lazy("%(who)s asks you once more"),
    ("escalation.warned", "question"): gettext_lazy("A question to you is to be answered soon"),
    ("escalation.overdue", "question"): gettext_lazy("A question of a case was not answered in time"),
    ("escalation.answered", "question"): gettext_lazy("What was asked in a case is answered"),
    ("slip.done", "question"): gettext_lazy("A message slip is done"),
    ("slip.failed", "question"): gettext_lazy("A message slip could not be sent"),
    ("slip.overdue", "question"): gettext_lazy("The time of a message slip has run out"),
    ("grave.found", "signal"): gettext_lazy("Grave words stand in what a customer wrote"),
    ("incident.raised", "signal"): gettext_lazy("Signals of the same thing pile up"),
    ("complaint.made", "task"): gettext_lazy("%(who)s made you responsible for a complaint"),
    ("complaint.changed", "task"): gettext_lazy("%(who)s made you responsible for a complaint"),
    ("complaint.overdue", "due"): gettext_lazy("The time of a complaint has run out"),
    ("help.called", "signal"): gettext_lazy("%(who)s calls a senior"),
    ("harassment.suggested", "signal"): gettext_lazy("Something was noticed that may be harassment"),
    ("instruction.noticed", "signal"): gettext_lazy("The company may have directed your people past you"),
    ("harassment.decided", "signal"): gettext_lazy("%(who)s decided whether it is harassment"),
    ("harassment.police", "signal"): gettext_lazy("%(who)s told the police"),
    ("harassment.marked", "signal"): gettext_lazy("%(who)s suspects harassment by a customer"),
    ("stop.asked", "signal"): gettext_lazy("%(who)s asks for your consent to end a talk"),
    ("stop.decided", "signal"): gettext_lazy("%(who)s decided whether a talk is ended"),
    ("consultation.made", "signal"): gettext_lazy("%(who)s asks for counsel"),
    ("consultation.answered", "question"): gettext_lazy("%(who)s answered your request for counsel"),
    ("consultation.overdue", "due"): gettext_lazy("A request for counsel was not answered in time"),
    ("care.set", "task"): gettext_lazy("A rest is offered to you"),
    ("care.overdue", "due"): gettext_lazy("Care for one of us is overdue"),
    ("appeal.made", "signal"): gettext_lazy("A customer objects to what was found"),
    ("appeal.overdue", "due"): gettext_lazy("An appeal of a customer was not decided in time"),
    ("article.wrong", "knowledge"): gettext_lazy("An article was found wrong: see to the corrections"),
    ("article.due", "knowledge"): gettext_lazy("An article of yours is to be looked at again, or ends"),
    ("template.proposed", "knowledge"): gettext_lazy("%(who)s asks you to approve a reply template"),
    ("template.approved", "knowledge"): gettext_lazy("%(who)s approved your reply template"),
    ("template.returned", "knowledge"): gettext_lazy("%(who)s returned your reply template with a comment"),
    ("macro.proposed", "knowledge"): gettext_lazy("%(who)s asks you to approve the words of a macro"),
    ("macro.approved", "knowledge"): gettext_lazy("%(who)s approved the words of your macro"),
    ("macro.returned", "knowledge"): gettext_lazy("%(who)s returned the words of your macro with a comment"),
    ("template.due", "knowledge"): gettext_lazy(
        "A reply template of yours is to be looked at again, or ends"
    ),
    ("bot.stopped", "knowledge"): gettext_lazy("A bot stopped by itself: too many of its answers were wrong"),
    ("line.nearly_spent", "knowledge"): gettext_lazy(
        "Of the LINE messages of this month four fifths are spent: raise the plan, or answers wait"
    ),
    ("gap.drafted", "knowledge"): gettext_lazy("A draft was begun of what customers ask"),
    ("rule.left", "assigned"): gettext_lazy(
        "The rule “%(who)s” has stopped: who wrote it no longer leads the desk"
    ),
    ("note.added", "followed"): gettext_lazy("%(who)s wrote a note"),
    ("message.received", "followed"): gettext_lazy("There is word from the customer"),
    ("message.written", "followed"): gettext_lazy("%(who)s answered"),
    ("case.assigned", "followed"): gettext_lazy("%(who)s changed who is responsible"),
    ("case.status", "followed"): gettext_lazy("%(who)s changed the status"),
    ("case.opened", "mentioned"): gettext_lazy("A customer thanks you by name"),
    ("message.received", "mentioned"): gettext_lazy("A customer thanks you by name"),
    ("case.opened", "signal"): gettext_lazy("A customer thanks somebody of this desk by name"),
    ("message.received", "signal"): gettext_lazy("A customer thanks somebody of this desk by name"),
    ("case.assigned", "signal"): gettext_lazy("A case was passed on for the second time or more"),
    ("case.changed", "signal"): gettext_lazy("A case was passed on for the second time or more"),
}
_ICONS = {
    Notification.Why.MENTIONED: "at-symbol",
    Notification.Why.ASSIGNED: "user",
    Notification.Why.FOLLOWED: "bell",
    Notification.Why.ASKED: "hand-raised",
    Notification.Why.WROTE: "pencil-square",
    Notification.Why.TASK: "clipboard-document-list",
    Notification.Why.DUE: "clock",
    Notification.Why.QUESTION: "question-mark-circle",
    Notification.Why.SIGNAL: "bell-alert",
    Notification.Why.KNOWLEDGE: "book-open",
}
KINDS = {
    "mentioned": gettext_lazy("Somebody names me or my desk in a note"),
    "assigned": gettext_lazy("A case is given to me"),
    "approval": gettext_lazy("An answer waits for my word, was decided on, or did not arrive"),
    "task": gettext_lazy("A task is given to me"),
    "due": gettext_lazy("A task of mine, or what was promised to a customer of mine, falls due"),
    "question": gettext_lazy("Somebody asks me something about a case, or answers what I asked"),
    "signal": gettext_lazy("What may become trouble: grave words, signals that pile up, harassment"),
    "followed": gettext_lazy("Something happens in a case that I follow"),
    "knowledge": gettext_lazy("An article of mine was found wrong, is to be looked at again or ends"),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of what one is told, and the ways to choose from; `way` is the one that is wished."""

    name: str
    words: str
    way: str
    ways: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Line:
    """One notification as it is listed. The subject is that of the case, or the title of the article, as it may be read
    now; who is asked at another desk is told none.
    """

    pk: int
    case: int | None
    words: str
    icon: str
    number: str
    subject: str
    at: datetime
    read: bool


@dataclass(frozen=True, slots=True)
class Bell:
    """What the bell shows: how many are unread (empty for none), and what the browser may say of the newest."""

    count: str
    label: str
    newest: int
    says: str
    address: str


def lines_of(actor: Actor, *, before: int | None) -> tuple[list[Line], int | None]:
    """A page of what the actor is told, and where the next begins. One query."""
    told = notifications_of(actor, before=before)
    return [_line(one) for one in told.notifications], told.next


def bell_of(actor: Actor, *, name_newest: bool) -> Bell:
    """The bell. One query; two more where the newest is to be named, if the actor wishes the browser to say it."""
    unread = unread_count(actor)
    count = f"{COUNT_TO}+" if unread > COUNT_TO else str(unread or "")
    newest = newest_unread(actor) if unread and name_newest and wishes_of(actor.id or 0).in_browser else None
    line = _line(newest) if newest else None
    label = _("Notifications: %(count)s unread") % {"count": count} if count else _("Notifications")
    says = f"{line.number} {line.words}" if line else ""
    return Bell(count, label, line.pk if line else 0, says, f"/notifications/{line.pk}/" if line else "")


def kinds_of(wishes: Wishes) -> list[Kind]:
    """The kinds of what one is told, with what is wished of each."""
    ways = [(way.value, str(way.label)) for way in Way]
    return [Kind(name, str(words), getattr(wishes, name), ways) for name, words in KINDS.items()]


def told_by(form: Mapping[str, str]) -> Told:
    """The wishes that a form says; what it leaves out is in the console only, at nine. Raises Refused."""
    chosen = {name: form.get(name, Way.BELL) for name in KINDS}
    if set(chosen.values()) - set(Way.values):
        raise Refused(
            _("Choose one of the ways."), field=next(k for k, w in chosen.items() if w not in Way.values)
        )
    try:
        at = time.fromisoformat(form.get("digest_at") or "09:00")
    except ValueError:
        raise Refused(_("This is no time of day."), field="digest_at") from None
    ways = {name: Way(way) for name, way in chosen.items()}
    return Told(
        **ways,
        hourly=form.get("collected") == "hourly",
        digest_at=at.replace(second=0, microsecond=0, tzinfo=None),
    )


def done_by(who: str, words: str) -> str:
    """Who did it; what does something by itself is not called like a person."""
    return words % {"who": who} if who else words.replace("%(who)sさん", "%(who)s") % {"who": _("Automation")}


def _line(one: Notification) -> Line:
    words = _WORDS.get((one.kind, one.why), gettext_lazy("Something happened"))
    return Line(
        pk=one.pk,
        case=one.case_id,
        words=done_by(one.who, str(words)),
        icon=_ICONS[Notification.Why(one.why)],
        number=one.case.spoken_number(one.case.company.prefix) if one.case else "",
        subject=_about(one),
        at=one.at,
        read=one.read_at is not None,
    )


def place_of(one: Notification) -> str:
    """Where that leads which is about no case."""
    if one.kind == "macro.proposed":
        return reverse("administration:macro_words")
    if one.kind.startswith("macro."):
        return reverse("administration:macros")
    if one.kind.startswith("template."):
        return reverse("administration:templates")
    if one.kind == "bot.stopped":
        return reverse("desk:bot_scores")
    if one.kind == "line.nearly_spent":
        return reverse("administration:entry_points")
    if one.article_id is None:
        return reverse("desk:articles")
    return reverse(
        "desk:article_told" if one.kind == "article.wrong" else "desk:article", args=[one.article_id]
    )


def _about(one: Notification) -> str:
    if one.article:
        return one.article.title
    return "" if one.question_id or one.case is None else one.case.subject
