"""What the desk wants to know, filled in beside the conversation."""

import pytest
from django.test import Client

from madoguchi.cases.actions import choose_matter, fill
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Message, Status
from madoguchi.commerce.factories import make_variant, order_of
from madoguchi.desk.tests.conftest import HTMX, counted
from madoguchi.fields.actions import remove_field
from madoguchi.fields.factories import make_field, make_matter
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import system
from madoguchi.macros.actions import add_macro
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


def test_a_value_is_kept_and_shown_and_told(
    agent: Client, world: World, case: Case, number: str, now
) -> None:
    field = make_field(world.ours.desk, label="原因", help="分かる範囲で", required=True)

    page = agent.get(f"/cases/{number}/").content.decode()
    assert "解決まであと1項目" in page
    assert "分かる範囲で" in page
    given = {"field": field.pk, "value": "断線", "seen": ""}
    answer = agent.post(f"/cases/{number}/fields/", given, headers=HTMX)

    assert answer.status_code == 200
    assert now(case).filled == {field.key: "断線"}
    text = answer.content.decode()
    assert 'value="断線"' in text
    assert "解決まで" not in text
    assert "青木 翔さんが「原因」を「断線」にしました" in text


def test_what_it_does_not_take_is_told_under_it(
    agent: Client, world: World, case: Case, number: str, now
) -> None:
    field = make_field(world.ours.desk, "number", label="個数")
    given = {"field": field.pk, "value": "たくさん", "seen": ""}

    answer = agent.post(f"/cases/{number}/fields/", given, headers=HTMX)

    assert answer.status_code == 422
    text = answer.content.decode()
    assert f'aria-describedby="field-problem-{field.pk}"' in text
    assert 'value="たくさん"' in text
    assert "個数: 12や3.5のように数値を入力してください。" in text
    assert now(case).filled == {}


def test_without_javascript_the_page_says_so(agent: Client, world: World, number: str) -> None:
    field = make_field(world.ours.desk, "number", label="個数")

    answer = agent.post(f"/cases/{number}/fields/", {"field": field.pk, "value": "たくさん"})

    assert answer.status_code == 422
    assert "個数: 12や3.5のように数値を入力してください。" in answer.content.decode()


def test_whoever_looked_at_another_value_is_told_and_sees_it(
    agent: Client, supervisor: Client, world: World, case: Case, number: str, now
) -> None:
    field = make_field(world.ours.desk, label="色")
    supervisor.post(f"/cases/{number}/fields/", {"field": field.pk, "value": "赤", "seen": ""})

    given = {"field": field.pk, "value": "青", "seen": ""}
    answer = agent.post(f"/cases/{number}/fields/", given, headers=HTMX)

    assert answer.status_code == 409
    text = answer.content.decode()
    assert "「色」は、ほかの人がすでに変更しました" in text
    assert 'name="seen" value="赤"' in text
    assert now(case).filled == {field.key: "赤"}


def test_the_kind_of_matter_brings_its_form(
    agent: Client, world: World, case: Case, number: str, now
) -> None:
    why = make_field(world.ours.desk, label="返品理由")
    returning = make_matter(world.ours.desk, name="返品", fields=[why])
    assert "返品理由" not in agent.get(f"/cases/{number}/").content.decode()

    answer = agent.post(
        f"/cases/{number}/matter/", {"matter": returning.pk, "seen": ""}, headers=HTMX
    ).content.decode()

    assert now(case).matter_id == returning.pk
    assert "返品理由" in answer
    assert "「用件の種類」を「返品」にしました" in answer
    stale = agent.post(f"/cases/{number}/matter/", {"matter": "", "seen": ""}, headers=HTMX)
    assert stale.status_code == 409
    assert now(case).matter_id == returning.pk


class TestSolving:
    def test_it_is_refused_with_what_is_missing(
        self, agent: Client, world: World, case: Case, number: str, now
    ) -> None:
        make_field(world.ours.desk, label="原因", required=True)

        answer = agent.post(f"/cases/{number}/status/", {"status": "solved"}, headers=HTMX)

        assert answer.status_code == 422
        assert "先に入力してください。" in answer.content.decode()
        assert now(case).status == Status.NEW

    def test_what_is_missing_is_marked_and_solving_is_offered_until_all_is_there(
        self, agent: Client, world: World, case: Case, number: str, now
    ) -> None:
        cause = make_field(world.ours.desk, label="原因", required=True)
        part = make_field(world.ours.desk, label="部品", required=True, help="型番で")
        status = f"/cases/{number}/status/"

        refused = agent.post(status, {"status": "solved"}, headers=HTMX).content.decode()
        for field in (cause, part):
            told = f'aria-invalid="true" aria-describedby="field-problem-{field.pk}"'
            assert told in refused
            assert f'id="field-problem-{field.pk}">先に入力してください。' in refused
        given = {"field": cause.pk, "value": "断線", "seen": "", "then": "solved"}
        filled = agent.post(f"/cases/{number}/fields/", given, headers=HTMX).content.decode()

        assert filled.count("aria-invalid") == 1
        assert 'name="status" value="solved">解決にする</button></p>' in filled
        given = {"field": part.pk, "value": "A-1", "seen": "", "then": "solved"}
        assert (
            "aria-invalid" not in agent.post(f"/cases/{number}/fields/", given, headers=HTMX).content.decode()
        )
        after = agent.post(status, {"status": "solved"}, headers=HTMX).content.decode()
        assert now(case).status == Status.SOLVED
        assert 'name="then"' not in after

    def test_without_javascript_the_page_marks_it(
        self, agent: Client, world: World, case: Case, number: str, now
    ) -> None:
        field = make_field(world.ours.desk, label="原因", required=True)

        answer = agent.post(f"/cases/{number}/status/", {"status": "closed"})

        assert answer.status_code == 422
        page = answer.content.decode()
        assert f'aria-describedby="field-problem-{field.pk}"' in page
        assert 'name="status" value="closed">用件を終了する</button>' in page
        assert "次の項目を入力してください: 原因" in page
        assert now(case).status == Status.NEW

    def test_a_macro_that_solves_marks_it_and_does_nothing(
        self, agent: Client, world: World, case: Case, number: str, now
    ) -> None:
        make_field(world.ours.desk, label="原因", required=True)
        acts = [{"do": "tag", "value": "案内"}, {"do": "status", "value": "solved"}]
        with world.ours.scope():
            lead = actor_of(world.ours.supervisor)
            macro = add_macro(world.ours.company, desk=world.ours.desk, name="案内済み", acts=acts, by=lead)

        answer = agent.post(f"/cases/{number}/macro/", {"macro": macro.pk}, headers=HTMX)

        assert answer.status_code == 422
        assert 'name="then" value="macro"' in answer.content.decode()
        assert "form-then" not in answer.content.decode()
        assert (now(case).status, now(case).tags) == (Status.NEW, [])

    def test_so_is_an_answer_that_solves(
        self, agent: Client, world: World, case: Case, number: str, now
    ) -> None:
        make_field(world.ours.desk, label="原因", required=True)
        words = {"text": "直りました。", "to": "misaki@home.example", "status": "solved"}

        answer = agent.post(f"/cases/{number}/reply/", words, headers=HTMX)

        assert answer.status_code == 422
        assert "次の項目を入力してください: 原因" in answer.content.decode()
        assert 'name="then" value="reply"' in answer.content.decode()
        with world.ours.scope():
            assert not Message.objects.filter(case=case, author=Message.Author.STAFF).exists()
        assert now(case).status == Status.NEW

    def test_spam_is_kept_out_all_the_same(
        self, supervisor: Client, world: World, case: Case, number: str, now
    ) -> None:
        make_field(world.ours.desk, label="原因", required=True)

        supervisor.post(f"/cases/{number}/spam/")

        assert now(case).status == Status.CLOSED


class TestWhatOneMaySee:
    @pytest.mark.parametrize(("how", "seen"), [("masked", "090••••••78"), ("hidden", "")])
    def test_data_of_the_customer_is_shown_as_it_is_elsewhere(
        self, agent: Client, world: World, case: Case, number: str, how: str, seen: str
    ) -> None:
        field = make_field(world.ours.desk, label="連絡先", holds="phone")
        with world.ours.scope():
            fill(case, field=field.pk, written="090-1234-5678", by=actor_of(world.ours.supervisor))
            setattr(world.ours.engagement, how, ["phone"])
            world.ours.engagement.save()

        page = agent.get(f"/cases/{number}/").content.decode()

        assert "090-1234-5678" not in page
        assert f'<output id="field-{field.pk}">{seen or "—"}</output>' in page
        assert "「連絡先」を変えました" in page

    def test_another_customers_name_too(self, agent: Client, world: World, case: Case, number: str) -> None:
        field = make_field(world.ours.desk, "customer", label="紹介者")
        other = make_case(world.ours.entry_point)
        with world.ours.scope():
            address = other.customer.identities.get().written
            fill(case, field=field.pk, written=address, by=actor_of(world.ours.supervisor))
            other.customer.name = "別府 仁"
            other.customer.save()
            assert 'value="別府 仁"' in agent.get(f"/cases/{number}/").content.decode()
            world.ours.engagement.masked = ["name"]
            world.ours.engagement.save()

        page = agent.get(f"/cases/{number}/").content.decode()

        assert "別府 仁" not in page
        assert "別••••" in page

    def test_company_staff_read(
        self, company_staff: Client, world: World, case: Case, number: str, now
    ) -> None:
        field = make_field(world.ours.desk, label="原因")
        given = {"field": field.pk, "value": "断線", "seen": ""}

        assert company_staff.post(f"/cases/{number}/fields/", given).status_code == 403
        assert now(case).filled == {}
        assert f'<output id="field-{field.pk}">—</output>' in (
            company_staff.get(f"/cases/{number}/").content.decode()
        )

    def test_what_is_no_longer_asked_can_be_read(
        self, agent: Client, world: World, case: Case, number: str
    ) -> None:
        field = make_field(world.ours.desk, label="昔の項目")
        with world.ours.scope():
            fill(case, field=field.pk, written="昔の値", by=actor_of(world.ours.agent))
            remove_field(field, by=system("tests"))

        page = agent.get(f"/cases/{number}/").content.decode()

        assert "昔の値" in page
        assert f'id="field-{field.pk}"' not in page


def test_what_is_typed_is_text_and_never_markup(agent: Client, world: World, case: Case, number: str) -> None:
    evil = "<script>alert(1)</script>"
    field = make_field(world.ours.desk, label=evil, help=evil)
    with world.ours.scope():
        fill(case, field=field.pk, written=evil, by=actor_of(world.ours.agent))

    assert evil not in agent.get(f"/cases/{number}/").content.decode()


class TestWhatItCosts:
    def test_a_desk_that_asks_nothing_pays_nothing(
        self, agent: Client, world: World, case: Case, number: str
    ) -> None:
        agent.get(f"/cases/{number}/")
        with counted() as cost:
            agent.get(f"/cases/{number}/")

        assert not [sql for sql in cost.queries if 'FROM "fields_' in sql and "cases_case" not in sql]

    def test_any_number_of_fields_costs_two_queries(
        self, agent: Client, world: World, case: Case, number: str
    ) -> None:
        agent.get(f"/cases/{number}/")
        with counted() as before:
            agent.get(f"/cases/{number}/")
        fields = [make_field(world.ours.desk) for _n in range(12)]
        matter = make_matter(world.ours.desk, fields=fields[:6])
        with world.ours.scope():
            choose_matter(case, to=matter.pk, by=actor_of(world.ours.agent))
            for field in fields:
                fill(case, field=field.pk, written="値", by=actor_of(world.ours.agent))
        with counted() as after:
            agent.get(f"/cases/{number}/")

        assert len(after) == len(before) + 2


def test_every_change_stands_in_the_log(agent: Client, world: World, case: Case, number: str) -> None:
    field = make_field(world.ours.desk, label="色")
    for value, seen in (("赤", ""), ("青", "赤"), ("", "青")):
        agent.post(f"/cases/{number}/fields/", {"field": field.pk, "value": value, "seen": seen})

    with world.ours.scope():
        told = Event.objects.filter(case_id=case.pk, kind="case.filled").order_by("id")
        assert [(e.data["before"], e.data["after"]) for e in told] == [
            (None, "赤"),
            ("赤", "青"),
            ("青", None),
        ]
    page = agent.get(f"/cases/{number}/").content.decode()
    assert "「色」を「赤」から「青」に変えました" in page
    assert "「色」を空にしました（変更前:「青」）" in page


def test_a_date_that_was_filled_in_reads_as_everywhere_else(agent: Client, world: World, number: str) -> None:
    field = make_field(world.ours.desk, "date", label="ご購入日")
    for value, seen in (("2026-11-30", ""), ("2026-12-01", "2026-11-30")):
        agent.post(f"/cases/{number}/fields/", {"field": field.pk, "value": value, "seen": seen})

    page = agent.get(f"/cases/{number}/").content.decode()

    assert "「ご購入日」を「2026年11月30日(月)」から「2026年12月1日(火)」に変えました" in page
    assert "「2026-11-30」" not in page


class TestReferences:
    def test_an_order_leads_to_its_page(
        self, agent: Client, company_staff: Client, world: World, case: Case, number: str
    ) -> None:
        field = make_field(world.ours.desk, "order", label="関連する注文")
        placed = order_of(case.customer_id, case.desk_id)
        given = {"field": field.pk, "value": "１００１", "seen": ""}

        answer = agent.post(f"/cases/{number}/fields/", given, headers=HTMX)

        page = answer.content.decode()
        assert 'value="O-1001"' in page
        assert f'href="/orders/{placed.pk}/">注文 O-1001 を開く</a>' in page
        assert "「関連する注文」を変えました" in page
        theirs = company_staff.get(f"/cases/{number}/").content.decode()
        assert f'<output id="field-{field.pk}">O-1001</output>' in theirs
        assert agent.get(f"/orders/{placed.pk}/").status_code == 200

    def test_what_was_typed_stays_where_there_is_no_such_order(
        self, agent: Client, world: World, case: Case, number: str, now
    ) -> None:
        field = make_field(world.ours.desk, "order", label="関連する注文")
        given = {"field": field.pk, "value": "O-1001", "seen": ""}

        answer = agent.post(f"/cases/{number}/fields/", given, headers=HTMX)

        assert answer.status_code == 422
        assert 'value="O-1001"' in answer.content.decode()
        assert "関連する注文: この注文は見つかりません。" in answer.content.decode()
        assert now(case).filled == {}

    def test_the_same_again_is_taken_as_it_is_shown(
        self, agent: Client, world: World, case: Case, number: str, now
    ) -> None:
        field = make_field(world.ours.desk, "product", label="対象の商品")
        found = make_variant(world.ours.company, name="南部鉄瓶（大）", code="TB").product
        seen = ""
        for written in ("TB", "南部鉄瓶（大） (TB)"):
            given = {"field": field.pk, "value": written, "seen": seen}
            page = agent.post(f"/cases/{number}/fields/", given, headers=HTMX).content.decode()
            assert 'value="南部鉄瓶（大） (TB)"' in page
            seen = str(found.pk)

        assert now(case).filled == {field.key: {"product": found.pk}}

    def test_what_may_be_meant_is_offered_to_who_may_fill_it_in(
        self, agent: Client, company_staff: Client, world: World, case: Case, number: str
    ) -> None:
        field = make_field(world.ours.desk, "product", label="対象の商品")
        text_field = make_field(world.ours.desk, label="色")
        make_variant(world.ours.company, name='鉄瓶 "雪"', code="Y-1")
        make_variant(world.theirs.company, name="よその鉄瓶", code="Y-2")

        answer = agent.get(f"/cases/{number}/fields/{field.pk}/offered/", {"value": "鉄瓶"})

        assert answer.content.decode() == ('<option value="鉄瓶 &quot;雪&quot; (Y-1)"></option>\n')
        assert agent.get(f"/cases/{number}/fields/{text_field.pk}/offered/").content.decode() == "\n"
        assert agent.get(f"/cases/{number}/fields/999999/offered/").status_code == 404
        assert company_staff.get(f"/cases/{number}/fields/{field.pk}/offered/").status_code == 403

    def test_a_page_with_both_costs_one_query_for_each(
        self, agent: Client, world: World, case: Case, number: str
    ) -> None:
        product, order = (make_field(world.ours.desk, kind) for kind in ("product", "order"))
        agent.get(f"/cases/{number}/")
        with counted() as empty:
            agent.get(f"/cases/{number}/")
        make_variant(world.ours.company, name="南部鉄瓶", code="TB")
        order_of(case.customer_id, case.desk_id)
        with world.ours.scope():
            fill(case, field=product.pk, written="TB", by=actor_of(world.ours.agent))
            fill(case, field=order.pk, written="O-1001", by=actor_of(world.ours.agent))

        with counted() as both:
            agent.get(f"/cases/{number}/")
        assert len(both.queries) == len(empty.queries) + 2
