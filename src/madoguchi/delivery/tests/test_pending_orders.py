"""Whatever order things happen in: at most one mail an answer, and nobody's words lost."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from madoguchi.cases import actions as case_actions
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Draft, Message, PendingAnswer
from madoguchi.companies.models import Desk
from madoguchi.delivery.actions import (
    Reply,
    approve,
    discard,
    give_back,
    let_out_due,
    plan,
    submit,
    withdraw,
)
from madoguchi.delivery.tests.leaving import MISAKI, MORNING, Answering, everything, react
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import MadoguchiError
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
ACTS = (
    *("schedule", "send", "customer", "robot", "edit", "approve", "change", "return", "take_back", "discard"),
    *("now", "later", "merge", "unmerge", "close", "due", "told", "type"),
)
ONE = st.tuples(st.sampled_from(ACTS), st.integers(0, 2))


@dataclass
class Day:
    """What goes on at a case; `words` are all that anybody wrote to be sent, each with a mark of its own."""

    world: World
    case: Case
    agent: Actor
    senior: Actor
    at: datetime = MORNING
    words: list[str] = field(default_factory=list)
    merges: list[object] = field(default_factory=list)

    def new(self, what: str) -> str:
        self.words.append(f"【{what}{len(self.words)}】")
        return self.words[-1]

    def do(self, act: str, which: int) -> None:
        """One act, refused or not; an hour passes with each."""
        self.at += timedelta(hours=1)
        with clock.held_at(self.at):
            try:
                with scope.acting_for(self.agent.companies):
                    getattr(self, f"_{act}")(which)
            except MadoguchiError:
                pass

    def _answer(self, which: int) -> int:
        every = list(PendingAnswer.objects.order_by("-pk").values_list("pk", flat=True))
        return every[which] if which < len(every) else 0

    def _put(self, text: str, at: datetime | None) -> None:
        """What stands in the agent's composer, with some words more."""
        own = Draft.objects.filter(case=self.case, kind="reply", user_id=self.agent.id).first()
        whole = (own.text if own else "") + text
        try:
            submit(self.case, Reply(text=whole), at=at, by=self.agent)
        except MadoguchiError:
            self.words.remove(text)
            raise

    def _schedule(self, which: int) -> None:
        self._put(self.new("予約"), self.at + timedelta(hours=1 + which))

    def _send(self, _which: int) -> None:
        self._put(self.new("返信"), None)

    def _customer(self, _which: int) -> None:
        say_again(self.case)

    def _robot(self, _which: int) -> None:
        say_again(self.case, automatic="auto-replied")

    def _type(self, _which: int) -> None:
        """The senior writes on in their own answer, or begins one beside a colleague's."""
        own = Draft.objects.filter(case=self.case, kind="reply", user_id=self.senior.id).first()
        text = (own.text if own else "") + self.new("下書き")
        case_actions.save_draft(self.case, kind="reply", text=text, by=self.senior)

    def _edit(self, which: int) -> None:
        """Taken back into the composer, written on, and put aside anew."""
        withdraw(self._answer(which), by=self.agent)
        draft = Draft.objects.filter(case=self.case, kind="reply", user_id=self.agent.id).first()
        if draft is not None:
            submit(self.case, Reply(text=draft.text), at=self.at + timedelta(hours=2), by=self.agent)

    def _approve(self, which: int) -> None:
        approve(self._answer(which), by=self.senior)

    def _change(self, which: int) -> None:
        approve(self._answer(which), text="直した文面", by=self.senior)

    def _return(self, which: int) -> None:
        give_back(self._answer(which), comment="直してください", by=self.senior)

    def _take_back(self, which: int) -> None:
        withdraw(self._answer(which), by=self.agent)

    def _discard(self, which: int) -> None:
        discard(self._answer(which), by=self.agent)

    def _now(self, which: int) -> None:
        plan(self._answer(which), at=None, by=self.agent)

    def _later(self, which: int) -> None:
        plan(self._answer(which), at=self.at + timedelta(hours=2 + which), by=self.agent)

    def _merge(self, _which: int) -> None:
        other = make_case(self.world.ours.entry_point, sender=MISAKI)
        self.merges.append(case_actions.merge(self.case, into=other, by=self.agent))
        self.case = other

    def _unmerge(self, _which: int) -> None:
        if self.merges:
            merged = self.merges.pop()
            case_actions.unmerge(merged, by=self.agent)  # type: ignore[arg-type]
            self.case = Case.objects.get(pk=merged.case_id)  # type: ignore[attr-defined]

    def _close(self, _which: int) -> None:
        case_actions.change_status(Case.objects.get(pk=self.case.pk), to="closed", by=self.agent)  # type: ignore[arg-type]

    def _due(self, _which: int) -> None:
        for answer in PendingAnswer.objects.filter(state="scheduled"):
            let_out_due(answer.pk, company=answer.company_id)

    def _told(self, _which: int) -> None:
        react()


def assert_the_day_holds(day: Day) -> None:
    mails, pending = everything(Message, author="staff"), everything(PendingAnswer)
    # At most one mail an answer, and each that has left has exactly one.
    became = [answer.message_id for answer in pending if answer.message_id]
    assert len(became) == len(set(became))
    assert [a.pk for a in pending if (a.state == "left") != (a.message_id is not None)] == []
    # Words stand in a mail, an answer on record, or with somebody who writes.
    kept = [m.text for m in mails] + [text for a in pending for text in (a.text, a.first_text)]
    kept += [draft.text for draft in everything(Draft)]
    assert [word for word in day.words if not any(word in text for text in kept)] == []
    # What was taken back or returned is in somebody's hands, or has been sent or put aside since.
    back = [a for a in pending if a.state in ("taken_back", "returned")]
    now = [m.text for m in mails] + [draft.text for draft in everything(Draft)]
    now += [text for a in pending if a not in back for text in (a.text, a.first_text)]
    assert [a.text for a in back if not any(a.text in text for text in now)] == []


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
    phases=[Phase.generate],
)
@given(st.sampled_from(["never", "everyone"]), st.lists(ONE, min_size=4, max_size=14))
def test_in_any_order(
    world: World, peer: Answering, wipe: Callable[[], None], approval: str, acts: list[tuple[str, int]]
) -> None:
    wipe()
    with clock.held_at(MORNING):
        case = make_case(world.ours.entry_point, sender=MISAKI)
    with world.ours.scope():
        Desk.objects.filter(pk=case.desk_id).update(approval=approval)
    day = Day(world, case, actor_of(world.ours.agent), actor_of(world.ours.supervisor))

    for act, which in acts:
        day.do(act, which)
        assert_the_day_holds(day)


@pytest.fixture
def wipe() -> Callable[[], None]:
    """Forgets what an earlier example left."""

    def forget() -> None:
        with scope.everywhere(reason="a test begins anew"):
            PendingAnswer.objects.filter(message=None).delete()
            PendingAnswer.objects.all().delete()
            Draft.objects.all().delete()

    return forget
