"""A delay that is told: three parts or nothing, the notice and the new time both or neither."""

import json
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from madoguchi.cases.actions import change_status
from madoguchi.cases.models import Case, Draft, Message, PendingAnswer, Status
from madoguchi.companies.models import Desk, Engagement
from madoguchi.delivery.models import Outgoing
from madoguchi.desk.delaying import Delay, begun, send_delay, send_notice, words_of
from madoguchi.desk.tests.conftest import HTMX, everything, signed_in
from madoguchi.desk.tests.test_browsing import text
from madoguchi.following.actions import notify
from madoguchi.following.models import Notification
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import AskFirst, Conflict, NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.promises.keeping import Told, keep_promise, make_promise, tell_due_promises
from madoguchi.promises.models import Clock, DelayNotice, Promise
from madoguchi.promises.notices import (
    draft_again,
    draft_notice,
    notices_of,
    settle_notice,
    tell_waiting_notices,
)
from madoguchi.promises.tests.living import NINE, tokyo
from madoguchi.rules.tests.rules import happened

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
LATE = Delay("部品が届いていないためです。", "取り寄せております。", "2026-12-03T15:00")


@pytest.fixture
def by(world: World) -> Actor:
    return actor_of(world.ours.agent)


@pytest.fixture
def promise(world: World, case: Case, by: Actor) -> Promise:
    """A repair, on Tuesday at nine promised for eleven."""
    told = Told(kind="other", words="修理を11時までに終えます。", due_at=NINE + 2 * HOUR, owner=by.id)
    with world.ours.scope(), clock.held_at(NINE):
        return make_promise(case, told, by=by)


def page(case: Case, promise: Promise) -> str:
    with scope.acting_for([case.company_id]):
        return reverse("desk:promise_delay", args=[case.spoken_number(case.company.prefix), promise.pk])


def nothing_happened() -> bool:
    (kept,) = everything(Promise)
    return (kept.due_at, kept.moves, everything(Outgoing)) == (NINE + 2 * HOUR, 0, [])


def test_the_mail_says_what_was_told_why_how_it_stands_and_the_new_time(
    world: World, case: Case, promise: Promise, by: Actor
) -> None:
    with world.ours.scope(), override("ja"):
        parts = words_of(promise, case, LATE, tokyo("2026-12-03 15:00"), by=by).split("\n\n")

    assert len(parts) == 4 + bool(case.customer.name)
    told, reason, stands, new = parts[-4:]
    assert "修理を11時までに終えます。" in told
    assert "2026年12月1日(火) 11:00" in told
    assert reason.endswith("部品が届いていないためです。")
    assert stands.endswith("取り寄せております。")
    assert "2026年12月3日(木) 15:00" in new


def test_a_name_that_is_kept_from_who_sends_it_is_not_in_the_mail(
    world: World, case: Case, promise: Promise
) -> None:
    with world.ours.scope():
        Engagement.objects.filter(pk=world.ours.engagement.pk).update(masked=["name"])
        with clock.held_at(NINE + HOUR), override("ja"):
            done = send_delay(promise, case, LATE, by=actor_of(world.ours.agent))
        assert isinstance(done, Outgoing)
        text = Message.objects.get(pk=done.message_id).text
        assert (case.customer.name in text, text.startswith("「修理を11時までに終えます")) == (False, True)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (NINE, "2026-12-02T18:00"),  # after the day that was promised
        (NINE + 30 * HOUR, "2026-12-03T18:00"),  # after today, where that is later
        (tokyo("2026-12-04 17:00"), "2026-12-07T18:00"),  # a Friday
    ],
)
def test_the_draft_proposes_the_end_of_the_next_working_day(
    world: World, case: Case, promise: Promise, now: datetime, due: str
) -> None:
    with world.ours.scope(), clock.held_at(now), override("ja"):
        draft = begun(promise, case)

    assert (draft.reason, draft.due, draft.text) == ("", due, "")
    assert draft.stands


def test_a_case_that_waits_for_others_says_so(world: World, case: Case, promise: Promise, by: Actor) -> None:
    with world.ours.scope(), clock.held_at(NINE), override("en"):
        before = begun(promise, case).stands
        change_status(case, to=Status.WAITING_THIRD, by=by)
        after = begun(promise, Case.objects.get(pk=case.pk)).stands
    assert before == "We are working on it."
    assert after == "We have asked the place that knows, and wait for its answer."


@pytest.mark.parametrize(
    ("delay", "field"),
    [
        (Delay(" ", LATE.stands, LATE.due), "reason"),
        (Delay(LATE.reason, "\n", LATE.due), "stands"),
        (Delay(LATE.reason, LATE.stands, ""), "due"),
        (Delay("", "", "", "全部書きました。"), "reason"),
        (Delay(LATE.reason, LATE.stands, "そのうち"), "at"),
        (Delay(LATE.reason, LATE.stands, "2026-12-01T09:00"), "due"),
        (Delay(LATE.reason, LATE.stands, "2029-12-01T09:00"), "due"),
    ],
)
def test_without_its_parts_nothing_is_sent_and_nothing_moved(
    world: World, case: Case, promise: Promise, by: Actor, delay: Delay, field: str
) -> None:
    with world.ours.scope(), clock.held_at(NINE + HOUR):
        with pytest.raises(Refused) as caught:
            send_delay(promise, case, delay, by=by)
        assert caught.value.field == field
    assert nothing_happened()


def test_who_does_not_answer_here_tells_nothing(world: World, case: Case, promise: Promise) -> None:
    with world.ours.scope(), clock.held_at(NINE + HOUR):
        for user in (world.ours.company_staff, world.theirs.agent):
            with pytest.raises(NotAllowed):
                send_delay(promise, case, LATE, by=actor_of(user))
    assert nothing_happened()


def test_of_one_that_is_kept_no_delay_is_told(world: World, case: Case, promise: Promise, by: Actor) -> None:
    with world.ours.scope(), clock.held_at(NINE + HOUR):
        keep_promise(promise, by=by)
        with pytest.raises(Refused):
            send_delay(promise, case, LATE, by=by)
    assert nothing_happened()


@pytest.mark.parametrize(
    ("written", "sent"), [("", "部品が届いていない"), ("お待たせしております。", "お待たせ")]
)
def test_sent_it_moves_the_promise_and_ones_own_words_count(
    world: World, case: Case, promise: Promise, by: Actor, written: str, sent: str
) -> None:
    delay = Delay(LATE.reason, LATE.stands, LATE.due, written)
    with world.ours.scope(), clock.held_at(NINE + HOUR):
        done = send_delay(promise, case, delay, by=by)
        assert isinstance(done, Outgoing)
        message = Message.objects.get(pk=done.message_id)
        status = Case.objects.get(pk=case.pk).status
    (kept,) = everything(Promise)
    assert (kept.due_at, kept.first_due_at, kept.moves) == (tokyo("2026-12-03 15:00"), NINE + 2 * HOUR, 1)
    assert (kept.message_id, sent in message.text, status) == (message.pk, True, "open")


def test_taken_back_the_promise_stands_at_its_time_at_once(
    world: World, case: Case, promise: Promise, by: Actor, agent: Client
) -> None:
    with world.ours.scope(), clock.held_at(NINE + HOUR):
        done = send_delay(promise, case, LATE, by=by)
        undone = agent.post(reverse("desk:take_back", args=[done.pk]), headers=HTMX)
        beside = agent.get(page(case, promise).rsplit("/", 3)[0] + "/", headers=HTMX)
    (kept,) = everything(Promise)
    assert (undone.status_code, kept.due_at, kept.moves) == (200, NINE + 2 * HOUR, 0)
    # The ledger is fetched anew with the answer.
    assert f'hx-get="{page(case, promise).rsplit("/", 3)[0]}/" hx-trigger="load"' in text(undone)
    assert ("2026-12-01T11:00" in text(beside), "2026-12-03T15:00" in text(beside)) == (True, False)


def composer(world: World, case: Case) -> list[str]:
    with world.ours.scope():
        return list(Draft.objects.filter(case=case).values_list("text", flat=True))


OWN = {"reason": "部品" + "待ち" * 160, "stands": "取り寄せております。", "due": "2026-12-03T15:00"}


@pytest.mark.parametrize("from_draft", [False, True])
def test_taken_back_it_is_a_draft_of_a_notice_again_with_its_words(
    world: World, case: Case, promise: Promise, agent: Client, from_draft: bool
) -> None:
    if from_draft:
        with clock.held_at(NINE + timedelta(minutes=96)):
            assert tell_due_promises() == 1
    with clock.held_at(NINE + timedelta(minutes=100)):
        agent.post(page(case, promise), OWN | {"text": "私の言葉でお知らせします。"})
        (left,) = everything(Outgoing)
        for _time in range(2):
            undone = agent.post(reverse("desk:take_back", args=[left.pk]), headers=HTMX)
        (notice,) = everything(DelayNotice)
        opened = text(agent.get(waits_at(case, notice)))
        again = agent.post(waits_at(case, notice), OWN)

    assert undone.status_code == 409
    assert (notice.state, notice.reason, notice.stands, notice.text) == (
        "open",
        OWN["reason"],
        OWN["stands"],
        "私の言葉でお知らせします。",
    )
    assert (notice.due_at, notice.next_at) == (NINE + 2 * HOUR, NINE + timedelta(minutes=110))
    assert "取り消されたお知らせ" in opened
    for words in (OWN["reason"], "2026-12-03T15:00", "私の言葉でお知らせします。"):
        assert words in opened
    assert composer(world, case) == []
    (kept,) = everything(Promise)
    assert (again.status_code, kept.due_at, kept.moves) == (302, tokyo("2026-12-03 15:00"), 1)
    assert [one.state for one in everything(DelayNotice)] == ["sent"]


def test_so_it_is_where_it_waits_for_a_senior(
    world: World, case: Case, promise: Promise, agent: Client
) -> None:
    with world.ours.scope():
        Desk.objects.filter(pk=case.desk_id).update(approval="everyone")
    with clock.held_at(NINE + HOUR):
        agent.post(page(case, promise), OWN)
        (waits,) = everything(PendingAnswer)
        undone = agent.post(reverse("desk:pending_withdraw", args=[waits.pk]), headers=HTMX)
    (notice,) = everything(DelayNotice)
    assert (waits.state, undone.status_code, notice.state, notice.reason) == (
        "awaiting",
        200,
        "open",
        OWN["reason"],
    )
    assert "遅れのお知らせは下書きに戻りました" in json.loads(undone["HX-Trigger"])["toast"]["text"]
    assert composer(world, case) == []
    assert everything(Promise)[0].due_at == NINE + 2 * HOUR


def test_where_no_notice_is_wanted_any_more_its_words_go_into_the_composer(
    world: World, case: Case, promise: Promise, by: Actor, agent: Client
) -> None:
    with world.ours.scope(), clock.held_at(NINE + HOUR):
        done = send_delay(promise, case, LATE, by=by)
        keep_promise(promise, by=by)
        agent.post(reverse("desk:take_back", args=[done.pk]), headers=HTMX)
        assert notices_of(case) == []
    (words,) = composer(world, case)
    assert LATE.reason in words


def test_what_was_typed_stays_on_the_page_with_what_is_wrong(
    case: Case, promise: Promise, agent: Client
) -> None:
    with clock.held_at(NINE + HOUR):
        opened = agent.get(page(case, promise))
        wrong = agent.post(
            page(case, promise), {"reason": "部品待ち", "stands": "", "due": "2026-12-03T15:00"}
        )

    assert (opened.status_code, "2026-12-02T18:00" in text(opened)) == (200, True)
    assert (wrong.status_code, "部品待ち" in text(wrong), "2026-12-03T15:00" in text(wrong)) == (
        422,
        True,
        True,
    )
    assert nothing_happened()


@pytest.mark.parametrize("due", ["2026-12-01T10:30", "2026-12-01T11:00"])
def test_a_new_time_that_is_not_later_is_refused_at_its_field(
    case: Case, promise: Promise, agent: Client, due: str
) -> None:
    with clock.held_at(NINE + HOUR):
        wrong = agent.post(page(case, promise), {"reason": "部品待ち", "stands": "手配中", "due": due})
    assert wrong.status_code == 422
    assert "新しい日時は、これまでの期限（2026年12月1日(火) 11:00）より後にしてください。" in text(wrong)
    assert f'value="{due}" required autofocus aria-invalid="true"' in text(wrong)
    assert nothing_happened()


@pytest.fixture
def drafted(world: World, promise: Promise) -> DelayNotice:
    """What the machine drafted when four fifths of the time were over."""
    with clock.held_at(NINE + timedelta(minutes=96)):
        assert tell_due_promises() == 1
    (notice,) = everything(DelayNotice)
    return notice


def waits_at(case: Case, notice: DelayNotice) -> str:
    with scope.acting_for([case.company_id]):
        return reverse("desk:delay_notice", args=[case.spoken_number(case.company.prefix), notice.pk])


def test_before_a_promise_breaks_its_notice_is_drafted_for_who_keeps_it_and_not_sent(
    world: World, case: Case, promise: Promise, drafted: DelayNotice, agent: Client
) -> None:
    assert (drafted.promise_id, drafted.due_at, drafted.new_due_at) == (
        promise.pk,
        NINE + 2 * HOUR,
        tokyo("2026-12-02 18:00"),
    )
    assert drafted.reason == "順番にご対応しており、お客様のご用件にまだ取りかかれていないためです。"
    with clock.held_at(NINE + timedelta(minutes=97)):
        ledger = text(agent.get(page(case, promise).rsplit("/", 3)[0] + "/"))
        opened = text(agent.get(waits_at(case, drafted)))
        asked = text(agent.get(page(case, promise)))
    assert ("遅れのお知らせの下書きがあります" in ledger, waits_at(case, drafted) in ledger) == (True, True)
    for shown in (opened, asked):
        assert (drafted.reason in shown, "2026-12-02T18:00" in shown) == (True, True)
    assert nothing_happened()


def test_checked_and_sent_by_who_keeps_it_the_promise_moves_and_the_draft_is_gone(
    case: Case, promise: Promise, drafted: DelayNotice, agent: Client
) -> None:
    parts = {"reason": "部品待ちです。", "stands": drafted.stands, "due": "2026-12-03T15:00"}
    with clock.held_at(NINE + timedelta(minutes=97)):
        agent.post(waits_at(case, drafted), parts)
        again = agent.post(waits_at(case, drafted), parts)
    (kept,) = everything(Promise)
    assert (kept.due_at, kept.moves, kept.broken_at) == (tokyo("2026-12-03 15:00"), 1, None)
    assert [one.state for one in everything(DelayNotice)] == ["sent"]
    assert (again.status_code, len(everything(Outgoing))) == (404, 1)


@pytest.mark.parametrize("second", ["notice", "promise", "drop"])
def test_what_two_have_open_leaves_once(
    world: World, case: Case, promise: Promise, drafted: DelayNotice, by: Actor, second: str
) -> None:
    with world.ours.scope(), clock.held_at(NINE + timedelta(minutes=97)):
        mine, theirs = (DelayNotice.objects.select_related("promise").get() for _ in range(2))
        send_notice(mine, case, LATE, by=by)
        # The same words to the same customer are asked about before anything else.
        with pytest.raises(AskFirst if second == "promise" else Conflict):
            if second == "drop":
                settle_notice(theirs, state=DelayNotice.State.DROPPED, by=by)
            elif second == "promise":
                send_delay(promise, case, LATE, by=by)
            else:
                send_notice(theirs, case, LATE, by=by)
    (kept,) = everything(Promise)
    assert (kept.due_at, kept.moves) == (tokyo("2026-12-03 15:00"), 1)
    assert ([one.state for one in everything(DelayNotice)], len(everything(Outgoing))) == (["sent"], 1)


@pytest.mark.django_db(transaction=True)
def test_who_leads_hears_half_way_where_nobody_did_anything(
    world: World, case: Case, promise: Promise, drafted: DelayNotice, by: Actor
) -> None:
    for minutes, told in ((107, 0), (109, 1), (110, 0)):
        with clock.held_at(NINE + timedelta(minutes=minutes)):
            assert tell_waiting_notices() == told
    with world.ours.scope():
        [fact] = happened("delay.waits")
        notify(fact)
        seen = Notification.objects.filter(kind="delay.waits").values_list("user", "why")
        assert list(seen) == [(world.ours.supervisor.pk, "due")]
        assert fact.fact().owner == by.id


def test_nobody_hears_of_one_that_was_kept_meanwhile(
    world: World, case: Case, promise: Promise, drafted: DelayNotice, by: Actor
) -> None:
    with world.ours.scope(), clock.held_at(NINE + timedelta(minutes=100)):
        keep_promise(promise, by=by)
        assert notices_of(case) == []
    with clock.held_at(NINE + timedelta(minutes=109)):
        assert tell_waiting_notices() == 0
    assert everything(DelayNotice)[0].next_at is None


def test_one_that_is_not_needed_is_dropped_and_nothing_is_sent(
    case: Case, promise: Promise, drafted: DelayNotice, agent: Client
) -> None:
    with clock.held_at(NINE + timedelta(minutes=97)):
        agent.post(waits_at(case, drafted), {"drop": "1"})
    assert [one.state for one in everything(DelayNotice)] == ["dropped"]
    assert nothing_happened()


def test_for_a_clock_the_new_time_is_a_promise_from_then_on(world: World, case: Case, agent: Client) -> None:
    with world.ours.scope(), clock.held_at(NINE):
        same = {"company_id": case.company_id, "case": case, "metric": "next_reply", "cycle": 1}
        shown = {"target": 2 * HOUR, "business": False, "began_at": NINE, "counted": HOUR, "read_at": NINE}
        Clock.objects.create(**same, **shown, policy="標準", state="running", due_at=NINE + 2 * HOUR)
        notice = draft_notice(case, metric="next_reply", cycle=1, due_at=NINE + 2 * HOUR)
        assert draft_notice(case, metric="next_reply", cycle=1, due_at=NINE + 2 * HOUR) == notice
    with clock.held_at(NINE + HOUR):
        opened = text(agent.get(waits_at(case, notice)))
        parts = {"reason": "確認中です。", "stands": "担当に聞いています。", "due": ""}
        wrong = agent.post(waits_at(case, notice), parts)
        agent.post(waits_at(case, notice), parts | {"due": "2026-12-03T15:00"})
    assert ("自動で作られた下書き" in opened, wrong.status_code) == (True, 422)
    (kept,) = everything(Promise)
    assert (kept.kind, kept.due_at, kept.owner_id) == (
        "reply",
        tokyo("2026-12-03 15:00"),
        world.ours.agent.pk,
    )
    (sent,) = everything(Message, user=world.ours.agent)
    assert "お待たせしております。" in sent.text
    assert [one.state for one in everything(DelayNotice)] == ["sent"]


def test_of_a_clock_that_has_another_time_by_now_one_notice_waits(world: World, case: Case) -> None:
    with world.ours.scope(), clock.held_at(NINE):
        same = {"company_id": case.company_id, "case": case, "metric": "next_reply", "cycle": 1}
        shown = {"target": 2 * HOUR, "business": False, "began_at": NINE, "counted": HOUR, "read_at": NINE}
        Clock.objects.create(**same, **shown, policy="標準", state="running", due_at=NINE + 2 * HOUR)
        older, newer = (
            draft_notice(case, metric="next_reply", cycle=1, due_at=NINE + hours * HOUR) for hours in (2, 3)
        )
        assert notices_of(case) == [newer]
        older.refresh_from_db()
        assert (older.state, older.next_at, newer.next_at) == ("dropped", None, NINE + 1.5 * HOUR)


def test_a_notice_of_another_company_is_not_found(
    world: World, case: Case, promise: Promise, drafted: DelayNotice
) -> None:
    foreign = signed_in(world.theirs.agent).post(waits_at(case, drafted), {"drop": "1"})
    assert foreign.status_code == 404
    with world.ours.scope(), pytest.raises(NotAllowed):
        settle_notice(drafted, state=DelayNotice.State.DROPPED, by=actor_of(world.ours.company_staff))
    assert [one.state for one in everything(DelayNotice)] == ["open"]


def test_a_promise_of_another_case_or_company_is_not_found(
    world: World, case: Case, promise: Promise, agent: Client
) -> None:
    with world.ours.scope():
        elsewhere = page(case, promise).replace(f"/{promise.pk}/", f"/{promise.pk + 1}/")

    assert agent.get(elsewhere).status_code == 404
    assert signed_in(world.theirs.agent).get(page(case, promise)).status_code == 404
    assert nothing_happened()


@pytest.mark.parametrize("owner", ["9" * 40, "x", ""])
def test_an_owner_that_is_nobody_is_refused_or_none(
    world: World, case: Case, promise: Promise, agent: Client, owner: str
) -> None:
    give = page(case, promise).removesuffix("delay/") + "give/"

    answer = agent.post(give, {"owner": owner})

    (kept,) = everything(Promise)
    expected = (422, world.ours.agent.pk) if owner.isdecimal() else (302, None)
    assert (answer.status_code, kept.owner_id) == expected


def test_that_a_customer_was_told_of_a_delay_is_in_the_log_and_so_is_that_it_was_taken_back(
    world: World, case: Case, promise: Promise, by: Actor
) -> None:
    with world.ours.scope(), clock.held_at(NINE + HOUR):
        sent = send_delay(promise, case, LATE, by=by)
        told = Event.objects.get(case_id=case.pk, kind="delay.told").data
        assert isinstance(sent, Outgoing)
        assert (told["promise"], told["due"], told["until"], told["message"]) == (
            promise.pk,
            (NINE + 2 * HOUR).isoformat(),
            tokyo("2026-12-03T15:00").isoformat(),
            sent.message_id,
        )
        draft_again(case.pk, message=sent.message_id)

        back = Event.objects.get(case_id=case.pk, kind="delay.taken_back").data
        assert back == {"delay_notice": told["delay_notice"]}
