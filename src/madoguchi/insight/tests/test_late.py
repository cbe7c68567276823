"""First answers with those who still wait, times that ran out and who had heard of it."""

from datetime import timedelta

from madoguchi.insight.late import coordination_in, overs_in, replied_in
from madoguchi.insight.logged import Event, Span
from madoguchi.insight.tests.test_reading import DAY, HOUR, MONTH, NINE, all_time, event, solved

MINUTE = timedelta(minutes=1)


def said(after: timedelta, *, goes_on: bool = True) -> Event:
    return event("message.received", after, message=9, channel="chat", goes_on=goes_on)


def begun(after: timedelta = timedelta(), *, case: int = 1, channel: str = "chat") -> Event:
    return event("case.opened", after, case=case, customer=3, channel=channel, number=case)


def answered(after: timedelta, *, case: int = 1, message: int = 5) -> Event:
    return event("message.written", after, case=case, by=5, message=message)


class TestReplied:
    def waits(self, *events: Event, span: Span = MONTH) -> list[tuple[float, bool]]:
        return [(one.waited, one.answered) for one in replied_in(events, span, worked=all_time)]

    def test_who_was_answered_first_in_the_span_and_who_waits_at_its_end(self) -> None:
        end = (MONTH.end - NINE).total_seconds()

        assert self.waits(begun(channel="email"), answered(HOUR), answered(2 * HOUR)) == [(3600, True)]
        assert self.waits(begun(channel="email")) == [(end, False)]
        assert self.waits(begun(channel="email"), answered(40 * DAY)) == [(end, False)]

    def test_who_was_answered_before_or_turned_to_us_later_or_on_the_phone_is_another_figure(self) -> None:
        assert self.waits(begun(-9 * DAY), answered(-8 * DAY)) == []
        assert self.waits(begun(40 * DAY)) == []
        assert self.waits(begun(channel="phone")) == []
        assert self.waits(begun(), solved()) == []
        assert self.waits(begun(), event("case.continued", HOUR, into=2, merge=1)) == []

    def test_whom_we_wrote_first_waits_for_nothing(self) -> None:
        ours = event("case.opened", by=5, customer=3, channel="email", number=1)

        assert self.waits(ours) == []


def breached(due: timedelta = HOUR, *, metric: str = "first_reply") -> Event:
    at = (NINE + due).isoformat()
    return event("clock.breached", due + MINUTE, metric=metric, cycle=1, due=at, policy_name="")


def notice(
    after: timedelta,
    due: timedelta = HOUR,
    *,
    promise: int | None = None,
    metric: str = "first_reply",
    number: int = 1,
) -> Event:
    at = (NINE + due).isoformat()
    about = {"promise": promise, "metric": "" if promise else metric, "cycle": 0 if promise else 1}
    return event("delay.told", after, delay_notice=number, due=at, until=at, message=70, answer=None, **about)


def made(due: timedelta = HOUR) -> Event:
    return event("promise.made", promise=1, what="refund", owner=5, due=(NINE + due).isoformat(), found=True)


class TestOver:
    def told(self, *events: Event) -> list[bool]:
        return [one.told_before for one in overs_in(events, MONTH)]

    def test_a_clock_that_ran_out_with_nobody_told_counts(self) -> None:
        assert self.told(breached()) == [False]
        assert self.told(breached(), notice(HOUR + MINUTE)) == [False]
        assert self.told(breached(metric="resolution"), notice(MINUTE, metric="resolution")) == [True]

    def test_a_notice_that_stopped_the_clock_counts_as_told_where_the_matter_came_later(self) -> None:
        note = event("message.written", MINUTE, by=5, message=70)

        assert self.told(note, notice(MINUTE)) == [True]
        assert self.told(note, notice(MINUTE), answered(2 * HOUR)) == [True]
        assert self.told(note, notice(MINUTE), answered(30 * MINUTE)) == []

    def test_a_notice_that_was_taken_back_told_nobody(self) -> None:
        back = event("delay.taken_back", 2 * MINUTE, delay_notice=1)

        assert self.told(notice(MINUTE), back) == []
        assert self.told(notice(MINUTE), back, breached()) == [False]
        assert self.told(notice(MINUTE), back, notice(3 * MINUTE), breached()) == [True]

    def test_a_promise_counts_by_its_first_time_and_only_the_three_parts_tell(self) -> None:
        due = (NINE + 5 * HOUR).isoformat()
        moved = event("promise.moved", MINUTE, promise=1, before="", after=due, message=4, answer=None)
        kept = event("promise.kept", 2 * HOUR, promise=1, late=False)

        assert self.told(made(), moved, kept) == [False]
        assert self.told(made(), notice(MINUTE, promise=1), moved, kept) == [True]
        assert self.told(made(), event("promise.kept", 9 * MINUTE, promise=1, late=False)) == []
        assert self.told(made(), event("promise.withdrawn", 2 * HOUR, promise=1)) == []
        assert self.told(made(40 * DAY)) == []

    def test_of_two_times_in_a_case_both_must_have_been_told(self) -> None:
        first = [breached(metric="resolution"), notice(MINUTE, metric="resolution")]

        assert self.told(*first, breached(3 * HOUR, metric="update")) == [False]
        later = notice(2 * HOUR, 3 * HOUR, metric="update", number=2)
        assert self.told(*first, breached(3 * HOUR, metric="update"), later) == [True]


def test_minutes_of_the_company_stand_beside_the_contacts() -> None:
    ours = event("escalation.answered", HOUR, escalation=1, to="company", asker=5, late=False, minutes=18)
    team = event("escalation.answered", HOUR, escalation=2, to="team", asker=5, late=False, minutes=7)
    silent = event("escalation.answered", HOUR, escalation=3, to="company", asker=5, late=False)

    told = coordination_in([begun(), said(MINUTE), ours, team, silent], MONTH)

    assert [(one.ref, one.contacts, one.minutes) for one in told] == [
        *(("case 1", 1, 0), ("question 1", 0, 18), ("question 3", 0, 0)),
    ]
