"""Promises on the console: offered from the words of an answer, beside the case, at risk, and a delay that is told."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from madoguchi.cases.models import Case, HandOff, Message
from madoguchi.delivery.models import Outgoing
from madoguchi.desk.hand_off import beforehand
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.promises.keeping import Told, make_promise, tell_due_promises
from madoguchi.promises.models import Promise
from madoguchi.promises.tests.living import NINE

pytestmark = pytest.mark.django_db
WORDS = "明日中にお電話いたします。"


def url(case: Case, name: str, *args: Any) -> str:
    with scope.acting_for([case.company_id]):
        return reverse(f"desk:{name}", args=[case.spoken_number(case.company.prefix), *args])


@pytest.fixture
def promise(world: World, case: Case) -> Promise:
    """A call that is due in an hour."""
    by = actor_of(world.ours.agent)
    with world.ours.scope(), clock.held_at(NINE):
        told = Told(kind="call_back", words=WORDS, due_at=NINE + timedelta(hours=1), owner=by.id)
        return make_promise(case, told, by=by)


def test_promises_in_the_words_are_offered_and_nothing_is_kept(
    world: World, case: Case, agent: Client
) -> None:
    with clock.held_at(NINE):
        offered = agent.post(
            url(case, "promises_found"), {"text": f"承知しました。{WORDS}\n> 本日中に発送します。"}
        )

    [offer] = offered.context["offers"]
    assert (offer.words, offer.kind, offer.due, offer.taken) == (
        WORDS,
        "call_back",
        "2026-12-02T18:00",
        False,
    )
    with world.ours.scope():
        assert not Promise.objects.exists()


def test_what_was_changed_or_waved_aside_stays_so(case: Case, agent: Client) -> None:
    with clock.held_at(NINE):
        text = f"{WORDS}返金は3営業日以内にいたします。"
        form = {"text": text, "dismiss": WORDS, "take": "返金は3営業日以内にいたします。"}
        form |= {
            "offer": "返金は3営業日以内にいたします。",
            "offer_words": "全額の返金",
            "offer_kind": "refund",
        }
        offered = agent.post(url(case, "promises_found"), form | {"offer_due": "2026-12-03T12:00"})

    [offer] = offered.context["offers"]
    assert (offer.words, offer.due, offer.taken) == ("全額の返金", "2026-12-03T12:00", True)
    assert offered.context["aside"] == [WORDS]


def test_a_taken_promise_is_entered_with_its_answer(world: World, case: Case, agent: Client) -> None:
    form = {
        "offer": [WORDS, "別"],
        "offer_words": ["配送の件でお電話", "別"],
        "offer_kind": ["call_back", "other"],
    }
    form |= {"offer_due": ["2026-12-02T15:00", "2026-12-02T16:00"], "take": [WORDS]}
    with clock.held_at(NINE):
        sent = {"text": WORDS, "status": "open"} | form
        answered = agent.post(url(case, "reply"), sent, headers={"HX-Request": "true"})

    assert '<div id="promises" data-part="replace"' in answered.content.decode()
    with world.ours.scope():
        [promise] = Promise.objects.all()
        assert (promise.words, promise.kind, promise.owner_id) == (
            "配送の件でお電話",
            "call_back",
            world.ours.agent.pk,
        )
        assert promise.message_id == Message.objects.get(user=world.ours.agent).pk
        assert promise.due_at == NINE + timedelta(hours=30)


def test_an_answer_whose_promise_makes_no_sense_is_not_sent(world: World, case: Case, agent: Client) -> None:
    form = {"offer": WORDS, "offer_words": WORDS, "offer_kind": "call_back", "take": WORDS}
    with clock.held_at(NINE):
        refused = agent.post(url(case, "reply"), {"text": WORDS, "offer_due": "2026-11-30T15:00"} | form)

    assert refused.status_code == 422
    with world.ours.scope():
        assert (Promise.objects.count(), Outgoing.objects.count()) == (0, 0)


def test_a_promise_is_entered_by_hand_kept_and_opened_again(world: World, case: Case, agent: Client) -> None:
    with clock.held_at(NINE):
        agent.post(url(case, "promise_new"), {"kind": "refund", "words": "返金", "due": "2026-12-03T12:00"})
        with world.ours.scope():
            [promise] = Promise.objects.all()
        shown = agent.get(url(case, "promises"))
        assert [line.promise for line in shown.context["ledger"].lines] == [promise]
        agent.post(url(case, "promise_act", promise.pk, "keep"))
        with world.ours.scope():
            promise.refresh_from_db()
        assert promise.state == "kept"
        agent.post(url(case, "promise_act", promise.pk, "reopen"))
        agent.post(url(case, "promise_act", promise.pk, "move"), {"due": "2026-12-04T12:00"})
        agent.post(url(case, "promise_act", promise.pk, "give"), {"owner": world.ours.supervisor.pk})

    with world.ours.scope():
        promise.refresh_from_db()
    assert (promise.state, promise.moves, promise.owner_id) == ("open", 1, world.ours.supervisor.pk)


def test_words_that_are_missing_are_said_beside_the_form(world: World, case: Case, agent: Client) -> None:
    with clock.held_at(NINE):
        refused = agent.post(
            url(case, "promise_new"), {"kind": "refund", "words": " ", "due": "2026-12-03T12:00"}
        )

    assert (refused.status_code, refused.context["written"]["due"]) == (422, "2026-12-03T12:00")
    with world.ours.scope():
        assert not Promise.objects.exists()


def test_an_act_that_there_is_not_is_not_found(case: Case, promise: Promise, agent: Client) -> None:
    assert agent.post(url(case, "promise_act", promise.pk, "burn")).status_code == 404


def test_those_at_risk_are_listed_with_the_kept_rate(world: World, promise: Promise, agent: Client) -> None:
    with clock.held_at(NINE + timedelta(minutes=50)):
        tell_due_promises()
        listed = agent.get(reverse("desk:promises_at_risk"))

    assert [line.promise for line in listed.context["lines"]] == [promise]
    assert "promise_kept v1" in listed.content.decode()


def test_whoever_has_the_case_next_is_told_of_open_promises(
    world: World, case: Case, promise: Promise
) -> None:
    with world.ours.scope():
        assert beforehand(case).promises == f"2026年12月1日(火) 10:00まで: {WORDS}"
        assert not HandOff.objects.exists()


class TestDelay:
    def test_the_draft_waits_with_its_parts_and_sending_it_moves_the_promise(
        self, world: World, case: Case, promise: Promise, agent: Client
    ) -> None:
        page = url(case, "promise_delay", promise.pk)
        with clock.held_at(NINE):
            begun = agent.get(page).context["written"]
            assert (begun.reason, begun.stands, begun.due) == (
                "",
                "担当者が対応を進めています。",
                "2026-12-02T18:00",
            )
            with world.ours.scope():
                assert not Outgoing.objects.exists()
            agent.post(page, {"reason": "入荷が遅れています。", "stands": begun.stands, "due": begun.due})

        with world.ours.scope():
            sent = Message.objects.get(user=world.ours.agent)
            promise.refresh_from_db()
            for part in (
                WORDS,
                "理由: 入荷が遅れています。",
                "現在の状況: 担当者が",
                "2026年12月2日(水) 18:00まで",
            ):
                assert part in sent.text
            assert (promise.message_id, promise.moves, promise.state) == (sent.pk, 1, "open")
            assert (promise.first_due_at, promise.due_at) == (
                *(NINE + timedelta(hours=1), NINE + timedelta(hours=33)),
            )

    @pytest.mark.parametrize("missing", ["reason", "stands", "due"])
    def test_without_one_of_its_parts_nothing_is_sent(
        self, world: World, case: Case, promise: Promise, agent: Client, missing: str
    ) -> None:
        form = {"reason": "遅延", "stands": "確認中", "due": "2026-12-02T18:00"} | {missing: " "}
        with clock.held_at(NINE):
            refused = agent.post(url(case, "promise_delay", promise.pk), form)

        assert refused.status_code == 422
        with world.ours.scope():
            promise.refresh_from_db()
            assert (promise.moves, Outgoing.objects.count()) == (0, 0)


@pytest.mark.parametrize("who", ["company_staff", "company_manager"])
def test_a_company_reads_promises_by_desk_and_scores_nobody(
    world: World, promise: Promise, agent: Client, who: str
) -> None:
    with clock.held_at(NINE + timedelta(hours=2)):
        tell_due_promises()
        client = Client()
        client.force_login(getattr(world.ours, who))
        page = client.get("/promises/")
        own = agent.get("/promises/")

    names = [name for name, _rate in page.context["rates"]]
    assert names == [world.ours.desk.name]
    assert world.ours.agent.name not in page.content.decode()
    assert [name for name, _rate in own.context["rates"]] == [world.ours.agent.name]
