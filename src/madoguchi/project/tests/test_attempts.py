"""What is tried although it is kept from somebody: refused as ever, and named in the company's log, once an hour."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from madoguchi.api.tests.conftest import program as program
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.companies.models import Engagement
from madoguchi.customers.actions import change_customer, set_addresses, set_places
from madoguchi.customers.attempts import Way, gathered, note_attempt, tell
from madoguchi.customers.lookups import note_searched
from madoguchi.customers.models import Customer, Identity, Unmasking
from madoguchi.customers.unmasking import unmask
from madoguchi.desk.tests.conftest import everything, signed_in
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Permission, system
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.search.factories import index_everything
from madoguchi.search.named import note_named

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 1, 20, 3, 30, tzinfo=UTC)
MAIL, PHONE, MEMBER = "misaki@home.example", "090-1234-5678", "M-0042"
WHY = "配送会社へ住所を伝えるため"


@pytest.fixture
def case(world: World) -> Case:
    """A case of a customer whose ways to be reached are masked, and whose memo is hidden."""
    made = make_case(world.ours.entry_point)
    with world.ours.scope():
        change_customer(made.customer, memo="午後に電話", by=system("test"))
        given: dict[str, Any] = {"emails": [MAIL], "phones": [PHONE], "members": [MEMBER]}
        set_addresses(made.customer, by=system("test"), **given)
        Engagement.objects.update(masked=["email", "phone", "member"], hidden=["memo"])
    return made


def told() -> list[tuple[int, str, str]]:
    """What the log says: of which customer, which field, in which way."""
    rows = everything(Event, kind="customer.refused")
    return [(one.data["customer"], one.data["field"], one.data["way"]) for one in rows]


def at(world: World, case: Case, more: str = "unmask/") -> str:
    return f"/cases/{case.spoken_number(world.ours.company.prefix)}/{more}"


def test_to_have_it_shown_without_the_right_to(world: World, case: Case) -> None:
    agent, sent = signed_in(world.ours.agent), {"field": "phone", "reason": WHY}

    assert agent.post(at(world, case), sent).status_code == 403

    assert told() == [(case.customer_id, "phone", "unmask")]
    (fact,) = everything(Event, kind="customer.refused")
    assert (fact.actor_id, fact.company_id, fact.origin) == (
        world.ours.agent.pk,
        world.ours.company.pk,
        "page 127.0.0.1",
    )
    assert everything(Unmasking) == []
    page = signed_in(world.ours.company_manager).get("/administration/audit/", {"kind": "customer.refused"})
    assert "契約で伏せている顧客の項目を見ようとした人がいました" in page.content.decode()
    assert world.ours.agent.name in page.content.decode()


@pytest.mark.parametrize("field", ["", "address", "password", "<script>"])
def test_a_field_that_is_not_kept_is_not_named(world: World, case: Case, field: str) -> None:
    assert signed_in(world.ours.agent).post(at(world, case), {"field": field}).status_code == 403

    assert told() == [(case.customer_id, "", "unmask")]


def test_where_nothing_is_kept_or_the_case_is_a_strangers_there_is_no_attempt(
    world: World, case: Case
) -> None:
    assert signed_in(world.theirs.agent).post(at(world, case), {"field": "phone"}).status_code == 404
    with world.ours.scope():
        Engagement.objects.update(masked=[], hidden=[])
    assert signed_in(world.ours.agent).post(at(world, case), {"field": "phone"}).status_code == 403

    assert told() == []


def test_once_for_each_person_customer_field_and_hour(world: World, case: Case) -> None:
    other = make_case(world.ours.entry_point)
    agent, second = signed_in(world.ours.agent), signed_in(world.ours.manager)
    with clock.held_at(NOW):
        for _again in range(3):
            agent.post(at(world, case), {"field": "phone"})
        agent.get("/cases/", {"q": MAIL})
        agent.post(at(world, other), {"field": "email"})
    with clock.held_at(NOW + timedelta(minutes=29)):
        agent.get("/cases/", {"q": f"{MAIL} {PHONE}"})
    with clock.held_at(NOW + timedelta(minutes=30)):
        agent.post(at(world, case), {"field": "email"})
    with clock.held_at(NOW):
        second.get("/cases/", {"q": PHONE})

    mine = (case.customer_id, "phone", "unmask")
    assert told() == [
        mine,
        (case.customer_id, "email", "lookup"),
        (other.customer_id, "email", "unmask"),
        (case.customer_id, "email", "unmask"),
        (case.customer_id, "phone", "lookup"),
    ]


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        (MAIL, "email"),
        ("ＭＩＳＡＫＩ@home.example 返品", "email"),
        (f"差出人:{MAIL}", "email"),
        (f"「{MAIL}」", "email"),
        (PHONE, "phone"),
        ("(090) 1234 5678", "phone"),
        ("+819012345678", "phone"),
        ("０９０−１２３４−５６７８", "phone"),
        ("m0042", "member"),
        (f"返品 {MEMBER}", "member"),
    ],
)
def test_to_find_a_customer_by_it_in_the_search(world: World, case: Case, typed: str, field: str) -> None:
    answer = signed_in(world.ours.agent).get("/cases/", {"q": typed})

    assert answer.status_code == 200
    assert case.spoken_number(world.ours.company.prefix) not in answer.content.decode()
    assert told() == [(case.customer_id, field, "lookup")]


@pytest.mark.parametrize(
    "typed", ["", "返品", "misaki", "home.example", "0120-000-000", "x@home.example", "1234"]
)
def test_other_words_are_no_attempt(world: World, case: Case, typed: str) -> None:
    assert signed_in(world.ours.agent).get("/cases/", {"q": typed}).status_code == 200

    assert told() == []


def test_each_field_that_is_tried_in_one_search_is_told(world: World, case: Case) -> None:
    signed_in(world.ours.agent).get("/cases/", {"q": f"{PHONE} {MAIL}"})

    assert sorted(told()) == [(case.customer_id, "email", "lookup"), (case.customer_id, "phone", "lookup")]


def test_what_is_shown_for_now_and_what_a_stranger_types_is_no_attempt(world: World, case: Case) -> None:
    with world.ours.scope():
        leader = actor_of(world.ours.supervisor)
        unmask(case.customer, "email", reason=WHY, desk=world.ours.desk.pk, by=leader)
    signed_in(world.ours.supervisor).get("/cases/", {"q": MAIL})
    signed_in(world.theirs.agent).get("/cases/", {"q": MAIL})
    assert told() == []

    signed_in(world.ours.supervisor).get("/cases/", {"q": PHONE})
    assert told() == [(case.customer_id, "phone", "lookup")]


@pytest.fixture
def misaki(world: World, case: Case) -> Case:
    """Her name, reading and postal address are masked, too, and she is indexed."""
    said = {"name": "髙橋 美咲", "kana": "タカハシ ミサキ", "address": "〒100-0001 東京都千代田区千代田1-2-3"}
    with world.ours.scope():
        change_customer(case.customer, former_names="佐藤 美咲", **said, by=system("test"))
        set_places(case.customer, written=["横浜市西区4-5-6 青葉荘201"], by=actor_of(world.ours.agent))
        Engagement.objects.update(masked=["name", "kana", "address"], hidden=[])
        index_everything()
    return case


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ("高橋 美咲", "name"),
        ("髙橋美咲 返品", "name"),
        ("鉄瓶 高橋　美咲 返品", "name"),
        ("差出人:高橋 美咲", "name"),
        ("佐藤美咲", "name"),
        ("ﾀｶﾊｼ ﾐｻｷ", "kana"),
        ("たかはしみさき", "kana"),
        ("東京都千代田区千代田1-2-3", "address"),
        ("〒100-0001 東京都千代田区千代田１丁目2番3号", "address"),
        ("横浜市西区4丁目5番6号　青葉荘 201", "address"),
        ("横浜市西区４−５−６", "address"),
    ],
)
def test_to_find_a_customer_by_name_or_place_in_the_search(
    world: World, misaki: Case, typed: str, field: str
) -> None:
    for road in ("/cases/", "/find/"):
        assert signed_in(world.ours.agent).get(road, {"q": typed}).status_code == 200

    assert told() == [(misaki.customer_id, field, "lookup")]


@pytest.mark.parametrize(
    ("road", "field"), [("memo/", "memo"), ("subject/", "subject")], ids=["memo", "subject"]
)
@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("午後 高橋美咲様", ["name"]),
        ("ﾀｶﾊｼ ﾐｻｷと読む", ["kana"]),
        ("東京都千代田区千代田1-2-3の髙橋 美咲", ["address", "name"]),
    ],
)
def test_to_write_a_guess_that_dots_would_confirm_is_told(
    world: World, misaki: Case, road: str, field: str, typed: str, kept: list[str]
) -> None:
    with world.ours.scope():
        Engagement.objects.update(masked=["name", "kana", "address", "email", "phone"], hidden=[])

    assert signed_in(world.ours.agent).post(at(world, misaki, road), {field: typed}).status_code == 302

    assert told() == [(misaki.customer_id, one, "write") for one in kept]
    with world.ours.scope():
        now = Case.objects.select_related("customer").get(pk=misaki.pk)
        assert typed in (now.subject, now.customer.memo)


@pytest.mark.parametrize("road", ["memo/", "subject/"])
@pytest.mark.parametrize(
    "typed",
    [f"折り返し {PHONE}", "折り返し 090-9999-0000", f"{MAIL} へ", "佐藤 花子様", "美咲様", "千代田区"],
)
def test_to_write_what_dots_confirm_to_nobody_is_no_attempt(
    world: World, misaki: Case, road: str, typed: str
) -> None:
    """Anybody's mail addresses and phone numbers are dots there."""
    with world.ours.scope():
        Engagement.objects.update(masked=["name", "kana", "address", "email", "phone"], hidden=[])

    assert signed_in(world.ours.agent).post(at(world, misaki, road), {road[:-1]: typed}).status_code == 302

    assert told() == []


def test_to_write_a_guess_through_the_api_is_told(world: World, misaki: Case, program: Any) -> None:
    client: Client = program("agent", Permission.CUSTOMER_READ, Permission.CUSTOMER_EDIT)

    answer = client.patch(
        f"/api/v1/customers/{misaki.customer_id}",
        {"memo": "髙橋美咲様、折り返し 090-9999-0000"},
        content_type="application/json",
    )

    assert answer.status_code == 200
    assert told() == [(misaki.customer_id, "name", "write")]


@pytest.mark.parametrize("road", ["join/", "whose/", "household/"])
def test_to_find_another_record_by_it_finds_nobody_and_told(world: World, misaki: Case, road: str) -> None:
    """Pages to look for others ask for a sight of everything: their address was typed by hand."""
    other = make_case(world.ours.entry_point)

    answer = signed_in(world.ours.supervisor).get(at(world, other, road), {"q": "高橋 美咲"})

    status = 200 if road == "household/" else 403
    assert (answer.status_code, told()) == (status, [(misaki.customer_id, "name", "lookup")])


@pytest.mark.parametrize(
    "typed", ["高橋", "美咲", "東京都", "千代田区", "返品 佐藤", "高橋 太郎", "タカハシ"]
)
def test_a_part_of_a_name_names_nobody(world: World, misaki: Case, typed: str) -> None:
    assert signed_in(world.ours.agent).get("/cases/", {"q": typed}).status_code == 200
    assert signed_in(world.theirs.agent).get("/cases/", {"q": "高橋 美咲"}).status_code == 200

    assert told() == []


@pytest.mark.parametrize(("name", "value"), [("email", MAIL), ("phone", PHONE), ("member", MEMBER)])
def test_to_find_or_enter_them_by_it_through_the_api(
    world: World, case: Case, program: Any, name: str, value: str
) -> None:
    client: Client = program("agent", Permission.CUSTOMER_READ, Permission.CUSTOMER_EDIT)
    assert client.get("/api/v1/customers", {name: value}).json() == []
    assert told() == [(case.customer_id, name, "lookup")]
    (fact,) = everything(Event, kind="customer.refused")
    assert fact.origin == "API 127.0.0.1"

    with clock.held_at(clock.now() + timedelta(hours=1)):
        entered = client.post(
            "/api/v1/customers",
            {"company": world.ours.company.slug, "name": "誰か", f"{name}s": [value]},
            content_type="application/json",
            headers={"idempotency-key": "k"},
        )
    assert entered.status_code == 422
    assert told() == [(case.customer_id, name, "lookup")] * 2
    with world.ours.scope():
        assert (Customer.objects.count(), Identity.objects.filter(kind=name).count()) == (1, 1)


@pytest.mark.parametrize(
    ("said", "field"),
    [({"memo": "x"}, "memo"), ({"phones": ["03-0000-0000"]}, "phone"), ({"emails": []}, "email")],
)
def test_to_change_it_through_the_api_though_all_is_taken_back(
    world: World, case: Case, program: Any, said: dict[str, Any], field: str
) -> None:
    client: Client = program("agent", Permission.CUSTOMER_READ, Permission.CUSTOMER_EDIT)

    answer = client.patch(
        f"/api/v1/customers/{case.customer_id}", {"name": "別人", **said}, content_type="application/json"
    )

    assert answer.status_code == 422
    assert told() == [(case.customer_id, field, "change")]
    with world.ours.scope():
        row = Customer.objects.get(pk=case.customer_id)
        assert (row.name, row.memo) == (case.customer.name, "午後に電話")
        assert set(Identity.objects.filter(customer=row).values_list("written", flat=True)) >= {MAIL, PHONE}


def test_whoever_is_kept_from_nothing_pays_no_query_for_it(world: World, case: Case) -> None:
    with world.ours.scope():
        Engagement.objects.update(masked=["address"], hidden=[])
        actor = actor_of(world.ours.agent)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            note_searched(f"{MAIL} {PHONE} {MEMBER}", actor=actor)
        Engagement.objects.update(masked=["email"])
        actor = actor_of(world.ours.agent)
        with CaptureQueriesContext(connection) as named:
            note_named("髙橋 美咲", actor=actor)

    assert (list(asked), list(named)) == ([], [])


def test_outside_of_a_request_and_of_the_product_itself_nothing_is_gathered(world: World) -> None:
    person = actor_of(world.ours.agent)
    named: dict[str, Any] = {"company": world.ours.company.pk, "customer": 7, "field": "email"}
    note_attempt(**named, way=Way.LOOKUP, by=person)
    with gathered() as tried:
        note_attempt(**named, way=Way.LOOKUP, by=system("test"))
        note_attempt(**named, way=Way.CHANGE, by=person)
        note_attempt(**named, way=Way.LOOKUP, by=person)
    note_attempt(**named, way=Way.LOOKUP, by=person)

    assert [one.way for one in tried] == ["change", "lookup"]
    assert (tell(tried), tell(tried), tell([])) == (1, 0, 0)
    assert told() == [(7, "email", "change")]


def test_a_name_that_is_shown_for_now_is_no_attempt_and_others_of_that_name_are_told(
    world: World, misaki: Case
) -> None:
    """Two are called the same: one was unmasked for a reason, the other is still kept from who looks."""
    other = make_case(world.ours.entry_point)
    with world.ours.scope():
        change_customer(other.customer, name="髙橋 美咲", by=system("test"))
        index_everything()
        leader = actor_of(world.ours.supervisor)
        unmask(misaki.customer, "name", reason=WHY, desk=world.ours.desk.pk, by=leader)

    signed_in(world.ours.supervisor).get("/cases/", {"q": "高橋美咲"})

    assert told() == [(other.customer_id, "name", "lookup")]
