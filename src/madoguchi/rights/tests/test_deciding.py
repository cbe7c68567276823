"""Stop of use and correction: who decides, what follows, how it is taken back, and what the customer is told."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.cases.queries import cases_withheld
from madoguchi.customers.models import Customer
from madoguchi.exports.actions import export_list, take
from madoguchi.exports.actions import work as write_list
from madoguchi.exports.lists import Wanted
from madoguchi.exports.models import Export
from madoguchi.infra.event_log import Cursor, Recorded
from madoguchi.infra.models import Event, EventWords
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import Party
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.rights.actions import correct, refuse, resume_use, stop_use
from madoguchi.rights.factories import asked_for
from madoguchi.rights.letters import letter_of
from madoguchi.rights.models import Request
from madoguchi.search.factories import index_everything
from madoguchi.search.queries import search
from madoguchi.search.reactions import withhold_what_is_stopped

pytestmark = pytest.mark.django_db
MISAKI = Party("misaki@home.example", "髙橋 美咲")


@pytest.fixture
def lead(world: World) -> Actor:
    return actor_of(world.ours.company_manager)


def found(world: World, text: str) -> list[int]:
    with world.ours.scope():
        hits = search(text, actor=actor_of(world.ours.supervisor), desks=[world.ours.desk])
        return [hit.case for hit in hits.hits] + [-pk for pk in hits.customers]


def tell_search(kind: str) -> None:
    """Have search read what happened last, as the worker does."""
    one = Event.objects.filter(kind=kind).latest("id")
    told = ("person", None, "", one.company_id, None, None, json.dumps(one.data))
    withhold_what_is_stopped(Recorded(Cursor(1, one.pk), kind, one.at, *told))


def exported(world: World) -> str:
    by, company = actor_of(world.ours.supervisor), world.ours.company.pk
    with world.ours.scope():
        wanted = Wanted(view="all")
        export = export_list(wanted, company=company, called="一覧", columns=["subject"], by=by)
    write_list(export.pk, company=company)
    with world.ours.scope():
        return take(Export.objects.get(pk=export.pk), by=by).read().decode("utf-8-sig")


def test_a_stop_keeps_the_customer_out_of_search_and_lists_until_it_is_taken_back(
    world: World, lead: Actor
) -> None:
    # given one matter at rest, one that is open, and one of somebody else
    rest = make_case(world.ours.entry_point, sender=MISAKI, subject="鉄瓶の返品")
    open_ = make_case(world.ours.entry_point, sender=MISAKI, subject="鉄瓶の再送")
    other = make_case(world.ours.entry_point, subject="鉄瓶の手入れ")
    with world.ours.scope():
        Case.objects.filter(pk=rest.pk).update(status="closed")
    index_everything()
    assert set(found(world, "鉄瓶")) == {rest.pk, open_.pk, other.pk}
    demand = asked_for(rest.customer_id, "stop", by=lead)

    # when
    with world.ours.scope():
        stop_use(demand, by=lead)
        tell_search("customer.use_stopped")

    # then what is at rest is found no more; what is open goes on
    assert set(found(world, "鉄瓶")) == {open_.pk, other.pk}
    assert "鉄瓶の手入れ" in exported(world)
    assert "鉄瓶の返品" not in exported(world)
    with world.ours.scope():
        assert cases_withheld(world.ours.company.pk) == {rest.pk, open_.pk}
        assert Case.objects.get(pk=rest.pk).subject == "鉄瓶の返品"
        assert (demand.state, "利用を停止しました" in letter_of(demand)) == ("done", True)
        assert "検索では、お客様の登録と、解決または終了したご用件を対象から外しました。" in letter_of(demand)
        stop_use(demand, by=lead)
        assert Event.objects.filter(kind="right.done").count() == 1

        # and when the stop is taken back, all is as before
        resume_use(demand, by=lead)
        tell_search("customer.use_resumed")
        assert (demand.state, letter_of(demand)) == ("lifted", "")
        assert Customer.objects.get(pk=rest.customer_id).use_stopped_at is None
    assert set(found(world, "鉄瓶")) == {rest.pk, open_.pk, other.pk}
    assert "鉄瓶の返品" in exported(world)


def test_a_second_stop_holds_when_the_first_is_taken_back(world: World, lead: Actor) -> None:
    customer = make_case(world.ours.entry_point, sender=MISAKI).customer_id
    with world.ours.scope():
        first = asked_for(customer, "stop", by=lead)
        stop_use(first, by=lead)
        stop_use(asked_for(customer, "stop", by=lead), by=lead)

        resume_use(first, by=lead)

        assert Customer.objects.get(pk=customer).use_stopped_at is not None


def test_a_correction_keeps_both_values_and_says_so_to_the_customer(world: World, lead: Actor) -> None:
    case = make_case(world.ours.entry_point, sender=MISAKI)
    demand = asked_for(case.customer_id, "correction", by=lead)
    with world.ours.scope():
        correct(demand, name="高橋 美咲", kana=" ", address="札幌市中央区1-2", by=lead)

        record_ = Customer.objects.get(pk=case.customer_id)
        assert (record_.name, record_.address) == ("高橋 美咲", "札幌市中央区1-2")
        assert demand.state == "done"
        assert demand.wanted == {"name": ["髙橋 美咲", "高橋 美咲"], "address": ["", "札幌市中央区1-2"]}
        told = Event.objects.get(kind="customer.corrected")
        assert told.data["fields"] == ["address", "name"]
        assert "高橋" not in str(Event.objects.values_list("data", flat=True))
        beside = EventWords.objects.get(event_id=Event.objects.get(kind="customer.changed").pk)
        assert beside.changes["name"] == ["髙橋 美咲", "高橋 美咲"]
        words = letter_of(Request.objects.select_related("customer", "company").get())
        assert "お名前:高橋 美咲" in words
        assert words.startswith("高橋 美咲 様\n\n")


def test_nothing_is_put_right_without_a_check_a_change_or_the_right(world: World, lead: Actor) -> None:
    case = make_case(world.ours.entry_point, sender=MISAKI)
    demand = asked_for(case.customer_id, "correction", by=lead, checked=False)
    with world.ours.scope():
        with pytest.raises(Refused):
            correct(demand, name="別の名", by=lead)
        for somebody in (world.ours.manager, world.ours.supervisor, world.theirs.company_manager):
            with pytest.raises(NotAllowed):
                Request.objects.update(state="checked")
                demand.refresh_from_db()
                correct(demand, name="別の名", by=actor_of(somebody))
        with pytest.raises(Refused) as refused:
            correct(demand, name="髙橋 美咲", kana="", by=lead)
        assert refused.value.field == "name"
        with pytest.raises(Refused):
            stop_use(demand, by=lead)
        assert Customer.objects.get(pk=case.customer_id).name == "髙橋 美咲"
        assert Request.objects.get().state == "checked"


def test_a_refusal_is_told_with_its_reason(world: World, lead: Actor) -> None:
    case = make_case(world.ours.entry_point, sender=MISAKI)
    demand = asked_for(case.customer_id, "correction", by=lead)
    with world.ours.scope():
        assert letter_of(demand) == ""
        refuse(demand, reason="登録の内容が事実と相違ありませんでした。", by=lead)

        words = letter_of(Request.objects.select_related("customer", "company").get())
    assert "訂正を行わないこと" in words
    assert "登録の内容が事実と相違ありませんでした。" in words


def test_a_stop_and_the_end_of_another_one_wait_for_each_other_at_the_record(
    world: World, lead: Actor
) -> None:
    demand = asked_for(make_case(world.ours.entry_point).customer_id, "stop", by=lead)
    for act in (stop_use, resume_use):
        with world.ours.scope(), CaptureQueriesContext(connection) as asked:
            act(demand, by=lead)
        locked = [one["sql"] for one in asked if "FOR NO KEY UPDATE" in one["sql"]]
        assert ['FROM "customers_customer"' in one for one in locked[:2]] == [True, False]
