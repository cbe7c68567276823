"""What can be done to a case by name: whether it would work, without trying, and doing it by the usual action."""

from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field
from enum import StrEnum

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madoguchi.cases import actions, policies
from madoguchi.cases.actions import MOST_TAGS, HandOffWords
from madoguchi.cases.feelings import Feeling
from madoguchi.cases.models import Case, HandOff, Priority, Severity, Status
from madoguchi.companies.models import Desk
from madoguchi.companies.queries import desks_of
from madoguchi.kernel.actor import Actor, ActorKind
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import blot_card_numbers, one_line
from madoguchi.people.queries import staff_of_desk

NOT_ALLOWED = "not_allowed"
MOST_VALUE = 50


class Verb(models.TextChoices):
    """What is done to a case."""

    ASSIGN = "assign", gettext_lazy("Responsible")
    STATUS = "status", gettext_lazy("Status")
    PRIORITY = "priority", gettext_lazy("Priority")
    SEVERITY = "severity", gettext_lazy("Severity")
    TAG = "tag", gettext_lazy("Add a tag")
    UNTAG = "untag", gettext_lazy("Take a tag away")
    FEELING = "feeling", gettext_lazy("Judge how the customer feels")
    DESK = "desk", gettext_lazy("Move to a desk")


class Fate(StrEnum):
    """What would become of a case, or did: changed, was so already, or not possible."""

    DONE = "done"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Words:
    """What is handed on with a case; None where nobody was asked, and empty where they left without."""

    said: HandOffWords | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """A verb with its value, and what is known of the desks: who works at each, where a case may go, how many chats the
    person has at each; and what is missing `before_rest` in cases of which that was asked.
    """

    verb: Verb
    value: str
    to: Desk | None = None
    staff: dict[int, set[int]] = field(default_factory=dict)
    chats: dict[int, int] = field(default_factory=dict)
    before_rest: dict[int, str] = field(default_factory=dict)

    @property
    def person(self) -> int | None:
        """Who becomes responsible; None is nobody."""
        return int(self.value) if self.value else None

    def works_at(self, case: Case) -> bool:
        """Whether the person works at the case's desk. One query for each desk."""
        if case.desk_id not in self.staff:
            found = staff_of_desk(case.desk_id, company=case.company_id)
            self.staff[case.desk_id] = set(found.values_list("pk", flat=True))
        return self.person is None or self.person in self.staff[case.desk_id]

    def look_ahead(self, cases: Sequence[Case], *, by: Actor) -> None:
        """Find out at once what would be asked of each of these cases. A few queries, for what ends them; else none."""
        if self.verb == Verb.STATUS and by.kind == ActorKind.PERSON:
            left = actions.left_in_each(cases, to=Status(self.value), by=by)
            self.before_rest.update({case.pk: left.get(case.pk, "") for case in cases})

    def missing_in(self, case: Case, *, by: Actor) -> str:
        """What is to be known or done before the case comes to rest by this, in words."""
        if case.pk not in self.before_rest:
            self.look_ahead([case], by=by)
        return self.before_rest.get(case.pk, "")

    def one_chat_more(self, case: Case) -> str:
        """Why the person has no room for the case, if they have none; those foreseen before it count."""
        most = case.desk.chats_at_once if case.channel == Channel.CHAT else None
        if most is None or self.person is None:
            return ""
        if case.desk_id not in self.chats:
            self.chats[case.desk_id] = actions.chats_of(self.person, desk=case.desk_id)
        if self.chats[case.desk_id] >= most:
            return actions.too_many_chats(most)
        self.chats[case.desk_id] += actions.holds(case)
        return ""


def act_of(verb: str, value: str, *, by: Actor) -> Act:
    """What somebody wants done. Raises Refused for a verb or value that makes no sense."""
    if verb not in Verb.values:
        raise Refused(_("Choose what shall be done."), field="verb")
    value = blot_card_numbers(one_line(value, most=MOST_VALUE))
    known = _KNOWN[Verb(verb)](value)
    to = next((d for d in desks_of(by) if str(d.pk) == value), None) if verb == Verb.DESK else None
    if not known or (verb == Verb.DESK and to is None):
        raise Refused(_("Choose one of the list."), field=verb)
    return Act(Verb(verb), value, to)


def foresee(act: Act, case: Case, *, by: Actor) -> tuple[Fate, str]:
    """What would become of a case, and why not; `do` must agree."""
    if not _may(act, case, by):
        return Fate.REFUSED, NOT_ALLOWED
    if act.verb == Verb.ASSIGN and not act.works_at(case):
        return Fate.REFUSED, _("This person does not work at this desk.")
    if act.verb == Verb.DESK and act.to and act.to.company_id != case.company_id:
        return Fate.REFUSED, _("A case stays with its company.")
    if _is_so(act, case):
        return Fate.SAME, ""
    refused = _refusal(act, case, by)
    return (Fate.REFUSED, refused) if refused else (Fate.DONE, "")


def _refusal(act: Act, case: Case, by: Actor) -> str:
    """Why the action would refuse what is allowed and changes something, in its order."""
    if act.verb == Verb.TAG and len(case.tags) >= MOST_TAGS:
        return _("A case takes 20 tags at most.")
    if _asks_for_words(act, case, by):
        return _("The desk wants words on handing over: do this one by hand.")
    if act.verb == Verb.STATUS:
        return act.missing_in(case, by=by)
    return act.one_chat_more(case) if act.verb == Verb.ASSIGN else ""


def foresee_all(acts: Iterable[Act], case: Case, *, by: Actor) -> list[tuple[Fate, str]]:
    """The same of several acts, each upon the case as those before it would leave it; the case itself stays."""
    case, fates = copy(case), []
    for act in acts:
        fates.append(foresee(act, case, by=by))
        if fates[-1][0] == Fate.DONE and act.verb in _LEAVES:
            _LEAVES[act.verb](act, case)
    return fates


def do(act: Act, case: Case, *, by: Actor, words: Words | None = None) -> None:
    """Do it by the same action as by hand, with `words` for whoever comes next where somebody was asked for them.

    Raises what that raises, and Refused where they are still to be asked for.
    """
    wanted = occasion_of(act, case, by=by)
    if wanted and words is None:
        raise Refused(_("The desk wants words on handing over: do this one by hand."))
    _DOING[act.verb](act, case, by, words.said if words and wanted else None)


def occasion_of(act: Act, case: Case, *, by: Actor) -> HandOff.Occasion | None:
    """The occasion for which the desk wants words before this is done; None where it wants none."""
    if _is_so(act, case) or not _asks_for_words(act, case, by):
        return None
    return _OCCASIONS[act.verb]


def _may(act: Act, case: Case, by: Actor) -> bool:
    if act.verb == Verb.ASSIGN:
        return policies.may_assign(by, case, to=act.person)
    return policies.may_update(by, case)


def _is_so(act: Act, case: Case) -> bool:
    return {
        Verb.ASSIGN: lambda: case.assignee_id == act.person,
        Verb.STATUS: lambda: case.status == act.value,
        Verb.PRIORITY: lambda: str(case.priority) == act.value,
        Verb.SEVERITY: lambda: str(case.severity) == act.value,
        Verb.TAG: lambda: act.value in case.tags,
        Verb.UNTAG: lambda: act.value not in case.tags,
        Verb.FEELING: lambda: act.value in case.feelings,
        Verb.DESK: lambda: str(case.desk_id) == act.value,
    }[act.verb]()


def _asks_for_words(act: Act, case: Case, by: Actor) -> bool:
    """By hand these would be asked for; many cases at once have none in common."""
    if act.verb == Verb.ASSIGN:
        return act.person != by.id and policies.asks_for_words(case, HandOff.Occasion.PERSON)
    if act.verb == Verb.DESK:
        return policies.asks_for_words(case, HandOff.Occasion.DESK)
    closing = act.verb == Verb.STATUS and act.value == Status.SOLVED
    return closing and policies.asks_for_words(case, HandOff.Occasion.CLOSING)


def _assign(act: Act, case: Case, by: Actor, words: HandOffWords | None) -> None:
    actions.assign(case, to=act.person, by=by, words=words)


def _status(act: Act, case: Case, by: Actor, words: HandOffWords | None) -> None:
    # `do` has seen to it that who is to be asked for words was.
    actions.change_status(case, to=Status(act.value), by=by, words=words, without_words=True)


def _priority(act: Act, case: Case, by: Actor, words: HandOffWords | None) -> None:
    actions.set_priority(case, to=Priority(int(act.value)), by=by)


def _severity(act: Act, case: Case, by: Actor, words: HandOffWords | None) -> None:
    actions.set_severity(case, to=Severity(int(act.value)), by=by)


def _tag(act: Act, case: Case, by: Actor, words: HandOffWords | None) -> None:
    actions.set_tags(case, to=[*case.tags, act.value], by=by)


def _untag(act: Act, case: Case, by: Actor, words: HandOffWords | None) -> None:
    actions.set_tags(case, to=[tag for tag in case.tags if tag != act.value], by=by)


def _feeling(act: Act, case: Case, by: Actor, words: HandOffWords | None) -> None:
    actions.judge_feeling(case, Feeling(act.value), by=by)


def _desk(act: Act, case: Case, by: Actor, words: HandOffWords | None) -> None:
    if act.to is None:
        raise Refused(_("Choose one of the list."), field="desk")
    actions.move_to_desk(case, to=act.to, by=by, words=words)


_DOING: dict[Verb, Callable[[Act, Case, Actor, HandOffWords | None], None]] = {
    Verb.ASSIGN: _assign,
    Verb.STATUS: _status,
    Verb.PRIORITY: _priority,
    Verb.SEVERITY: _severity,
    Verb.TAG: _tag,
    Verb.UNTAG: _untag,
    Verb.FEELING: _feeling,
    Verb.DESK: _desk,
}
# How a case is afterwards, as far as other acts ask.
_LEAVES: dict[Verb, Callable[[Act, Case], None]] = {
    Verb.TAG: lambda act, case: setattr(case, "tags", [*case.tags, act.value]),
    Verb.UNTAG: lambda act, case: setattr(case, "tags", [tag for tag in case.tags if tag != act.value]),
    Verb.FEELING: lambda act, case: setattr(case, "feelings", [*case.feelings, act.value]),
    Verb.ASSIGN: lambda act, case: setattr(case, "assignee_id", act.person),
    Verb.STATUS: lambda act, case: setattr(case, "status", act.value),
}
_OCCASIONS = {
    Verb.ASSIGN: HandOff.Occasion.PERSON,
    Verb.DESK: HandOff.Occasion.DESK,
    Verb.STATUS: HandOff.Occasion.CLOSING,
}
_KNOWN: dict[Verb, Callable[[str], bool]] = {
    Verb.ASSIGN: lambda value: value == "" or (value.isdecimal() and len(value) < 19),
    Verb.STATUS: lambda value: value in Status.values,
    Verb.PRIORITY: lambda value: value in [str(one) for one in Priority.values],
    Verb.SEVERITY: lambda value: value in [str(one) for one in Severity.values],
    Verb.TAG: bool,
    Verb.UNTAG: bool,
    Verb.FEELING: lambda value: value in Feeling.values,
    Verb.DESK: str.isdecimal,
}
