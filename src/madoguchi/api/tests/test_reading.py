"""What programs read: the same cases, within the same walls and under the same masks as pages."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from madoguchi.api.tests.conftest import READ, Program
from madoguchi.api.v1 import PREFIX, api
from madoguchi.cases.actions import add_note, link, set_priority
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Look, Message, Priority
from madoguchi.cases.queries import case_by_number
from madoguchi.commerce.factories import make_subscription, make_variant, order_of
from madoguchi.complaints.actions import Written as Complained
from madoguchi.complaints.actions import make_complaint
from madoguchi.customers.actions import verify_identity
from madoguchi.customers.models import Identity
from madoguchi.delivery.actions import Reply, reply, submit
from madoguchi.escalations.actions import Question, Whom, ask
from madoguchi.escalations.slips import Written, make_slip
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.channel import File, Party
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.people.tokens import OF_USE
from madoguchi.signals.actions import Seen, raise_signal
from madoguchi.tasks.actions import Wanted as TaskWanted
from madoguchi.tasks.actions import add_task
from madoguchi.views.actions import add_view
from madoguchi.views.models import SavedView

pytestmark = pytest.mark.django_db
MISAKI = Party(address="misaki@home.example", name="髙橋 美咲")


def number_of(world: World, **details: object) -> str:
    case = make_case(world.ours.entry_point, sender=MISAKI, **details)  # type: ignore[arg-type]
    return case.spoken_number(world.ours.company.prefix)


def mask_names(world: World) -> None:
    with world.ours.scope():
        world.ours.engagement.masked = ["name", "email"]
        world.ours.engagement.save()


def test_every_route_names_its_permission() -> None:
    operations = [
        (path, operation)
        for _prefix, router in api._routers
        for path, view in router.path_operations.items()
        for operation in view.operations
    ]
    assert len(operations) >= 5
    unnamed = [
        p for p, o in operations if not isinstance(getattr(o.view_func, "permission", None), Permission)
    ]
    assert unnamed == []
    named = {o.view_func.permission for _path, o in operations} - {Permission.SELF}
    assert named == set(OF_USE)


def test_the_desks(world: World, program: Program) -> None:
    desk = world.ours.desk
    assert program().get("/api/v1/desks").json() == [
        {
            "id": desk.pk,
            "name": desk.name,
            "company": world.ours.company.slug,
            "kind": "customers",
            "public_name": desk.public_name,
            "greeting": "",
        }
    ]


def test_cases_come_by_pages_newest_first(world: World, program: Program) -> None:
    numbers = [number_of(world, subject=f"件名{i}") for i in range(3)]
    client = program()
    first = client.get("/api/v1/cases", {"limit": 2}).json()
    second = client.get("/api/v1/cases", {"limit": 2, "cursor": first["next"]}).json()
    found = [item["number"] for item in first["items"] + second["items"]]
    assert (found, second["next"]) == (numbers[::-1], None)
    item = first["items"][0]
    assert (item["subject"], item["customer"], item["status"]) == ("件名2", "髙橋 美咲", "new")
    assert client.get("/api/v1/cases", {"view": "solved"}).json()["items"] == []


def test_cases_come_in_another_order_over_all_pages(world: World, program: Program) -> None:
    numbers = [number_of(world) for _n in range(4)]
    with world.ours.scope():
        for n, case in enumerate(Case.objects.order_by("id")):
            waits = clock.now() - timedelta(hours=n // 2) if n else None
            Case.objects.filter(pk=case.pk).update(waiting_since=waits, priority=4 if n == 1 else 2)
    client = program()
    asked = {"order": "waiting", "limit": 3}

    first = client.get("/api/v1/cases", asked).json()
    second = client.get("/api/v1/cases", asked | {"cursor": first["next"]}).json()
    urgent = client.get("/api/v1/cases", {"order": "priority", "limit": 1}).json()

    found = [case["number"] for page in (first, second) for case in page["items"]]
    assert found == [numbers[2], numbers[3], numbers[1], numbers[0]]
    assert (second["next"], urgent["items"][0]["number"]) == (None, numbers[1])
    for wrong in ({"order": "oldest"}, {"order": "due", "view": "mentions"}, {"order": "due", "cursor": "x"}):
        assert client.get("/api/v1/cases", wrong).status_code == 422


def test_a_view_is_told_in_its_own_order_or_in_another(world: World, program: Program) -> None:
    numbers = [number_of(world) for _n in range(2)]
    with world.ours.scope():
        Case.objects.filter(number=int(numbers[0].partition("-")[2])).update(priority=4)
        view = add_view(
            world.ours.company,
            audience=SavedView.Audience.OWNER,
            name="急ぎから",
            filter={"version": 1, "all": []},
            order="priority",
            by=actor_of(world.ours.agent),
        )
    client, address = program(), f"/api/v1/views/{view.pk}/cases"

    assert [case["number"] for case in client.get(address).json()["items"]] == numbers
    newest = client.get(address, {"order": "newest"}).json()["items"]
    assert [case["number"] for case in newest] == numbers[::-1]


def test_a_cursor_that_is_none_is_refused(program: Program) -> None:
    for cursor in ("x", "2026-01-01~1"):
        answer = program().get("/api/v1/cases", {"cursor": cursor})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "cursor")


def test_a_case_with_all_that_was_said(world: World, program: Program) -> None:
    number = number_of(world, files=(File("写真.png", "image/png", b"\x89PNG"),))
    client = program()
    with world.ours.scope():
        by = actor_of(world.ours.agent)
        case = case_by_number(number, actor=by)
        add_note(case, text="折り返し希望", by=by)
        reply(case, Reply(text="確認いたします。"), by=by)
    told = client.get(f"/api/v1/cases/{number}").json()
    asked, answered = told["messages"]
    assert (asked["sender"], asked["text"], asked["delivery"]) == ("髙橋 美咲", "電源が入りません。", None)
    assert asked["files"] == [{"name": "写真.png", "content_type": "image/png", "size": 4}]
    assert (answered["inbound"], answered["text"], answered["delivery"]) == (
        False,
        "確認いたします。",
        "queued",
    )
    assert [(n["by"], n["text"]) for n in told["notes"]] == [(world.ours.agent.name, "折り返し希望")]
    assert (told["status"], told["earlier"]) == ("waiting_customer", None)


def test_a_case_says_what_it_is_tied_to_and_what_waits(world: World, program: Program) -> None:
    one, other = make_case(world.ours.entry_point), make_case(world.ours.entry_point)
    at = (clock.now() + timedelta(days=1)).replace(microsecond=0)
    with world.ours.scope():
        by = actor_of(world.ours.agent)
        link(one, role="parent", other=other, by=by)
        submit(one, Reply(text="明日お送りします。"), at=at, by=by)
    prefix = world.ours.company.prefix
    address = f"/api/v1/cases/{one.spoken_number(prefix)}"
    working = program("agent", *READ, Permission.CASE_NOTE).get(address).json()
    assert working["links"] == [{"role": "parent", "number": other.spoken_number(prefix)}]
    [waiting] = working["pending"]
    assert (waiting["state"], waiting["text"]) == ("scheduled", "明日お送りします。")
    assert datetime.fromisoformat(waiting["leaves_at"]) == at
    assert program("company_staff").get(address).json()["pending"] == []


def test_a_saved_view_and_its_cases(world: World, program: Program) -> None:
    number_of(world, subject="返品")
    urgent = make_case(world.ours.entry_point)
    with world.ours.scope():
        set_priority(urgent, to=Priority.URGENT, by=actor_of(world.ours.agent))
        view = add_view(
            world.ours.company,
            audience=SavedView.Audience.DESK,
            desk=world.ours.desk,
            name="至急",
            filter={"version": 1, "all": [{"field": "priority", "test": "in", "value": [4]}]},
            by=actor_of(world.ours.supervisor),
        )
    client, stranger = program(), program(side=world.theirs)
    assert client.get("/api/v1/views").json() == [
        {
            "id": view.pk,
            "name": "至急",
            "audience": "desk",
            "company": world.ours.company.slug,
            "desk": world.ours.desk.pk,
        }
    ]
    found = client.get(f"/api/v1/views/{view.pk}/cases").json()
    assert [item["number"] for item in found["items"]] == [urgent.spoken_number(world.ours.company.prefix)]
    assert client.get(f"/api/v1/views/{view.pk}/cases", {"cursor": "x"}).status_code == 422
    assert stranger.get("/api/v1/views").json() == []
    assert stranger.get(f"/api/v1/views/{view.pk}/cases").status_code == 404


def test_the_customer_as_they_are(world: World, program: Program) -> None:
    told = program().get(f"/api/v1/cases/{number_of(world)}/customer").json()
    assert (told["name"], told["emails"]) == ("髙橋 美咲", ["misaki@home.example"])
    sure = {"verified_how": "", "verified_at": None, "verified_by": ""}
    assert told["addresses"] == [{"kind": "email", "written": "misaki@home.example"} | sure]


def test_how_we_know_an_address_is_told_with_when_and_by_whom(world: World, program: Program) -> None:
    number, now = number_of(world), datetime(2026, 11, 29, 3, tzinfo=UTC)
    with world.ours.scope(), clock.held_at(now):
        one = Identity.objects.get(written="misaki@home.example")
        where = {"customer": one.customer_id, "company": one.company_id}
        verify_identity(one.pk, how="mail", by=actor_of(world.ours.agent), **where)

    [told] = program().get(f"/api/v1/cases/{number}/customer").json()["addresses"]
    assert (told["verified_how"], told["verified_by"]) == ("mail", world.ours.agent.name)
    assert datetime.fromisoformat(told["verified_at"]) == now


def test_what_the_contract_masks_is_masked_everywhere(world: World, program: Program) -> None:
    number = number_of(world)
    mask_names(world)
    client = program()
    case = client.get(f"/api/v1/cases/{number}").json()
    line = client.get("/api/v1/cases").json()["items"][0]
    told = client.get(f"/api/v1/cases/{number}/customer").json()
    assert [case["customer"], case["messages"][0]["sender"], line["customer"], told["name"]] == ["髙••••"] * 4
    assert told["emails"] == ["mi••••@••••.example"]
    assert [one["written"] for one in told["addresses"]] == ["mi••••@••••.example"]


def test_what_was_said_does_not_tell_it(world: World, program: Program) -> None:
    said = "髙橋 美咲です。misaki@home.example へ。鉄瓶が届きません。"
    number = number_of(world, subject="髙橋 美咲 鉄瓶", text=said)
    with world.ours.scope():
        add_note(Case.objects.get(), text=said, by=actor_of(world.ours.agent))
    mask_names(world)
    client = program()

    whole, lines = client.get(f"/api/v1/cases/{number}").json(), client.get("/api/v1/cases").json()["items"]

    kept = "•• ••です。••••••••••••••••••• へ。鉄瓶が届きません。"
    assert [whole["messages"][0]["text"], whole["notes"][0]["text"]] == [kept, kept]
    assert [whole["subject"], lines[0]["subject"]] == ["•• •• 鉄瓶"] * 2


def test_masks_hold_for_a_token_that_reads_cases_alone(world: World, program: Program) -> None:
    number = number_of(world)
    mask_names(world)
    client = program("agent", Permission.CASE_READ)
    case = client.get(f"/api/v1/cases/{number}").json()
    assert (case["customer"], case["messages"][0]["sender"]) == (None, None)
    assert client.get(f"/api/v1/cases/{number}/customer").status_code == 403


@pytest.mark.parametrize("person", ["agent", "supervisor", "manager", "company_staff", "company_manager"])
def test_a_strangers_token_finds_nothing(world: World, program: Program, person: str) -> None:
    number = number_of(world)
    client = program(person, side=world.theirs)
    addresses = [f"cases/{number}", f"cases/{number}/customer", f"cases?desk={world.ours.desk.pk}"]
    assert [client.get(PREFIX + each).status_code for each in addresses] == [404, 404, 404]
    assert client.get("/api/v1/cases").json()["items"] == []
    assert world.ours.desk.pk not in [desk["id"] for desk in client.get("/api/v1/desks").json()]


def test_the_description_is_openapi_3_1_and_names_every_route(program: Program) -> None:
    told = program().get("/api/v1/openapi.json").json()
    assert told["openapi"].startswith("3.1")
    assert sorted(told["paths"]) == [
        "/api/v1/articles",
        "/api/v1/articles/{id}",
        "/api/v1/cases",
        "/api/v1/cases/{number}",
        "/api/v1/cases/{number}/complaints",
        "/api/v1/cases/{number}/contacts",
        "/api/v1/cases/{number}/customer",
        "/api/v1/cases/{number}/diagnosis",
        "/api/v1/cases/{number}/escalations",
        "/api/v1/cases/{number}/notes",
        "/api/v1/cases/{number}/orders",
        "/api/v1/cases/{number}/plans",
        "/api/v1/cases/{number}/replies",
        "/api/v1/cases/{number}/signals",
        "/api/v1/cases/{number}/slips",
        "/api/v1/cases/{number}/tasks",
        "/api/v1/customers",
        "/api/v1/customers/{id}",
        "/api/v1/customers/{id}/belongings",
        "/api/v1/customers/{id}/orders",
        "/api/v1/customers/{id}/places",
        "/api/v1/customers/{id}/reservations",
        "/api/v1/customers/{id}/resume",
        "/api/v1/customers/{id}/stop",
        "/api/v1/customers/{id}/subscriptions",
        "/api/v1/desks",
        "/api/v1/events",
        "/api/v1/fits",
        "/api/v1/me",
        "/api/v1/orders/{id}",
        "/api/v1/orders/{id}/papers",
        "/api/v1/orders/{id}/parcels",
        "/api/v1/orders/{id}/withdraw",
        "/api/v1/parcels/{id}/steps",
        "/api/v1/subscriptions",
        "/api/v1/subscriptions/{id}",
        "/api/v1/subscriptions/{id}/cancel",
        "/api/v1/subscriptions/{id}/change",
        "/api/v1/subscriptions/{id}/change/quote",
        "/api/v1/subscriptions/{id}/papers",
        "/api/v1/subscriptions/{id}/pause",
        "/api/v1/subscriptions/{id}/resume",
        "/api/v1/subscriptions/{id}/skip",
        "/api/v1/subscriptions/{id}/withdraw",
        "/api/v1/symptoms",
        "/api/v1/tasks/{id}",
        "/api/v1/views",
        "/api/v1/views/{id}/cases",
    ]
    assert told["security"] == [{"token": []}]


def test_the_contacts_of_a_case_are_told_with_what_was_said(world: World, program: Program) -> None:
    case = make_case(world.ours.entry_point)
    second = say_again(case)
    address = f"/api/v1/cases/{case.spoken_number(world.ours.company.prefix)}/contacts"
    with world.ours.scope():
        first = Message.objects.filter(case=case).earliest("id")

    whole, page = program().get(address).json(), program().get(f"{address}?limit=1").json()
    rest = program().get(f"{address}?limit=1&after={page['next']}").json()

    assert whole["next"] is rest["next"] is None
    assert whole["items"] == page["items"] + rest["items"]
    assert [(one["channel"], one["inbound"], one["messages"]) for one in whole["items"]] == [
        ("email", True, [first.pk]),
        ("email", True, [second.pk]),
    ]
    assert whole["items"][0]["entry_point"] == world.ours.entry_point.address
    assert program(side=world.theirs).get(address).status_code == 404
    assert program().get(f"{address}?after=-1").status_code == 422


# Routes that read cases or customers and show nothing of a customer.
SHOW_NOBODY = {
    "/me": "whom the token acts for",
    "/desks": "names of desks",
    "/views": "names of views",
    "/events": "what happened, by numbers",
    "/cases/{number}/plans": "what may be done in any case",
    "/articles": "what anybody may read",
    "/articles/{id}": "what anybody may read",
    "/fits": "what products work with",
    "/symptoms": "what goes wrong with products",
    "/openapi.json": "the routes themselves",
}


def test_every_route_that_shows_customers_has_it_counted(world: World, program: Program) -> None:
    # given one of each, all of the same customer
    case = make_case(world.ours.entry_point, sender=MISAKI)
    tea = make_variant(world.ours.company, code="TEA", name="煎茶", price=1_080, stock=9)
    order = order_of(case.customer_id, case.desk_id, (tea, 2), case=case.pk)
    subscription = make_subscription(order)
    with world.ours.scope():
        agent = actor_of(world.ours.agent)
        task = add_task(case, TaskWanted(title="折り返す"), by=agent)
        everyones = SavedView.Audience.OWNER
        filter_ = {"version": 1, "all": []}
        view = add_view(world.ours.company, audience=everyones, name="全部", filter=filter_, by=agent)
    ids = {"customers": case.customer_id, "orders": order.pk, "tasks": task.pk, "views": view.pk}
    ids["subscriptions"] = subscription.pk
    number, client = case.spoken_number(world.ours.company.prefix), program()

    # when each route is asked
    missed = []
    for route, view_ in ((p, v) for _prefix, r in api._routers for p, v in r.path_operations.items()):
        if route in SHOW_NOBODY or not any("GET" in one.methods for one in view_.operations):
            continue
        with scope.everywhere(reason="test"):
            Look.objects.all().delete()
        address = route.format(number=number, id=ids.get(route.split("/")[1], 0))
        answer = client.get(f"{PREFIX.rstrip('/')}{address}", {"email": MISAKI.address})
        with world.ours.scope():
            rows = list(Look.objects.values_list("customer_id", "listed"))
        counted = {case.customer_id} & {one for customer, listed in rows for one in (customer, *listed)}
        if answer.status_code != 200 or not counted:
            missed.append((route, answer.status_code))

    # then
    assert missed == []


def queries_of(client: Client, address: str, count) -> None:  # type: ignore[no-untyped-def]
    client.get(address)
    with count:
        assert client.get(address).status_code == 200


def test_a_page_costs_the_same_at_any_number_of_cases(
    world: World, program: Program, django_assert_max_num_queries
) -> None:  # type: ignore[no-untyped-def]
    for _ in range(5):
        number = number_of(world)
    queries_of(program(), "/api/v1/cases", django_assert_max_num_queries(12))
    queries_of(program(), f"/api/v1/cases/{number}", django_assert_max_num_queries(14))


def test_what_was_raised_in_a_case(world: World, program: Program) -> None:
    agent = actor_of(world.ours.agent)
    case = make_case(world.ours.entry_point, sender=MISAKI)
    due = clock.now() + timedelta(hours=4)
    with world.ours.scope():
        whom = Whom(to="person", person=world.ours.supervisor.pk)
        file = File("見積.txt", "text/plain", b"12,000")
        asking = Question(question="延ばせますか。", cause="rule", due_at=due, files=(file,))
        ask(case, whom, asking, by=agent)
        left = Written(to_name="健司", to_address="k@shop.example", words="部品の在庫", due_at=due)
        make_slip(case, left, by=agent)
        raise_signal(case, Seen(kind="site", words="画面が遅い"), by=agent)
        said = Complained(facts="割れていた", severity=3, due_at=due, responsible=world.ours.agent.pk)
        make_complaint(case, said, by=agent)
    number = case.spoken_number(world.ours.company.prefix)

    [asked] = program().get(f"/api/v1/cases/{number}/escalations").json()
    [slip] = program().get(f"/api/v1/cases/{number}/slips").json()

    assert (asked["whom"], asked["cause"], asked["state"]) == (world.ours.supervisor.name, "rule", "open")
    assert (asked["question"], asked["answer"], asked["minutes"]) == ("延ばせますか。", "", None)
    assert asked["files"] == [{"name": "見積.txt", "content_type": "text/plain", "size": 6}]
    assert (slip["to_name"], slip["words"], slip["standing"]) == ("健司", "部品の在庫", "open")
    assert "k@shop.example" not in str(slip)
    [signal] = program().get(f"/api/v1/cases/{number}/signals").json()
    [complaint] = program().get(f"/api/v1/cases/{number}/complaints").json()
    assert (signal["words"], signal["kind"], signal["incident"]) == ("画面が遅い", "site", None)
    assert (complaint["facts"], complaint["severity"], complaint["state"]) == ("割れていた", 3, "open")
    assert (complaint["responsible"], complaint["secondary_to"]) == (world.ours.agent.name, None)
