"""The builder of views: every filter survives the form, the plain form adds and removes, and saves what it shows."""

import re
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from madoguchi.cases.actions import fill, set_priority
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Priority
from madoguchi.companies.models import Engagement
from madoguchi.desk.tests.conftest import HTMX, counted, everything, signed_in
from madoguchi.fields.conditions import TESTS
from madoguchi.fields.factories import make_field
from madoguchi.fields.models import Field
from madoguchi.infra import scope
from madoguchi.infra.facts import known
from madoguchi.kernel.actor import system
from madoguchi.people.factories import World
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from madoguchi.views.actions import add_view
from madoguchi.views.filter_form import (
    OPERATORS,
    OWN_OPERATORS,
    OWN_SHAPES,
    SHAPES,
    Box,
    Line,
    check,
    edit,
    form_of,
    lines_in,
    read_form,
)
from madoguchi.views.filter_options import (
    ASKED,
    ASKED_OWN,
    EVENTS,
    FIELDS,
    FOR_READERS,
    JOINED,
    MOMENTS,
    WHEN,
)
from madoguchi.views.filters import FIELDS as ALL_FIELDS
from madoguchi.views.filters import All, Condition, Node, read_filter, write_filter
from madoguchi.views.meaning import Reader, matches
from madoguchi.views.models import SavedView
from madoguchi.views.tests.trees import EVENT_KINDS, NOW, disorder, trees

TREES = trees(people=[5, 6], desks=[7], customers=[8])


def post(box: Box, **more: str) -> QueryDict:
    """What a browser would send of a form."""
    data = QueryDict(mutable=True)
    for name, value in more.items():
        data[name] = value
    _put(data, box)
    return data


def _put(data: QueryDict, part: Line | Box) -> None:
    at = part.path
    if isinstance(part, Line):
        data[f"{at}.field"], data[f"{at}.op"], data[f"{at}.kind"] = part.field, part.op, part.kind
        data[f"{at}.text"], data[f"{at}.when"], data[f"{at}.amount"] = part.text, part.when, part.amount
        data.setlist(f"{at}.value", part.values)
        return
    data[f"{at}.join"], data[f"{at}.count"] = part.join, str(len(part.parts))
    for one in part.parts:
        _put(data, one)


@settings(deadline=None)
@given(TREES, st.integers(0, 10**6))
def test_every_filter_survives_the_form(node: Node, seed: int) -> None:
    """What is shown as a form, sent by a browser and read again finds the same cases, whatever their state."""
    shown = form_of(node)
    read = read_form(post(shown))
    for line, before in zip(lines_in(read), lines_in(shown), strict=True):
        line.ids = before.ids  # what the words on the page mean is looked up; see below

    back = check(read)

    assert back is not None
    cases = [
        Case(desk_id=7 + n % 2, customer_id=8 + n % 3, channel=("email", "form")[n % 2]) for n in range(12)
    ]
    disorder(cases, people=[5, 6], seed=seed)
    reader = Reader(5, NOW)
    for case in cases:
        happened = [(kind, case.touched_at) for kind in EVENT_KINDS[: seed % 4]]
        assert matches(back, case, happened, reader) == matches(node, case, happened, reader)


def test_every_field_operator_and_event_has_words() -> None:
    """Nothing that a filter may ask is missing in the builder, and nothing in it is unknown."""
    assert {*FIELDS, *FOR_READERS, *MOMENTS} == set(ALL_FIELDS) == set(SHAPES)
    assert set(ASKED) == {operator for operators in OPERATORS.values() for operator in operators}
    assert set(ASKED_OWN) == {operator for operators in OWN_OPERATORS.values() for operator in operators}
    assert set(OWN_SHAPES) == set(TESTS) == set(Field.Kind.values)
    for kind, shape in OWN_SHAPES.items():
        asked = {operator.removeprefix("not_") for operator in OWN_OPERATORS[shape]} - {"unknown"}
        assert asked == set(TESTS[kind])
    assert set(EVENTS) <= set(known())
    assert len(WHEN) == 8
    assert len(JOINED) == 4


def test_parts_are_added_and_dropped_by_their_path() -> None:
    box = Box(parts=[Line(op="in", values=["new"])])

    edit(box, "add", "r")
    edit(box, "box", "r")
    edit(box, "add", "r.2")
    edit(box, "drop", "r.0")

    assert [part.path for part in box.parts] == ["r.0", "r.1"]
    inner = box.parts[1]
    assert isinstance(inner, Box)
    assert [(part.path, part.fresh) for part in inner.parts] == [("r.1.0", True), ("r.1.1", True)]
    for what, path in (("drop", "r"), ("drop", "r.9"), ("add", "r.0"), ("nonsense", "r.1"), ("add", "x.y")):
        edit(box, what, path)
    assert len(box.parts) == 2


def test_what_makes_no_sense_is_left_out_of_a_form() -> None:
    data = QueryDict(
        "r.join=all&r.count=3&r.0.field=colour&r.1.field=status&r.1.op=before&r.2.join=oops&r.2.count=x"
    )

    box = read_form(data)

    assert [type(part).__name__ for part in box.parts] == ["Line", "Box"]
    line = box.parts[0]
    assert isinstance(line, Line)
    assert (line.op, box.parts[1].path) == ("in", "r.1")
    assert read_form(QueryDict("r.join=all&r.count=999999999999")).parts == []
    assert read_form(QueryDict(f"r.join=all&r.count={'9' * 5000}")).parts == []


def test_a_line_says_what_it_lacks() -> None:
    box = Box(
        parts=[
            Line(op="in"),
            Line(field="opened", op="since", when="h"),
            Line(field="subject", op="contains"),
        ]
    )

    assert check(box) is None
    assert [bool(line.problem) for line in box.parts if isinstance(line, Line)] == [True, True, True]


pages = pytest.mark.django_db
LINE = {"r.join": "all", "r.count": "1", "r.0.field": "priority", "r.0.op": "in"}
URGENT = LINE | {"r.0.value": ["4"]}
SAVED = {"version": 1, "all": [{"field": "priority", "test": "in", "value": [4]}]}


def text(response: Any) -> str:
    return response.content.decode()


def kept() -> list[tuple[str, str, Any]]:
    return [(view.name, view.audience, view.filter) for view in everything(SavedView)]


def saved(world: World, by: User, *, shared: bool = False, of: Any = None) -> SavedView:
    audience = SavedView.Audience.DESK if shared else SavedView.Audience.OWNER
    with world.ours.scope():
        return add_view(
            world.ours.company,
            audience=audience,
            desk=world.ours.desk if shared else None,
            name="至急のもの",
            filter=of or SAVED,
            by=actor_of(by),
        )


@pytest.fixture
def urgent(world: World, case: Case) -> Case:
    found = make_case(world.ours.entry_point, subject="至急お願いします")
    with world.ours.scope():
        set_priority(found, to=Priority.URGENT, by=system("test"))
    return found


@pages
def test_the_builder_begins_with_the_unsolved(agent: Client, urgent: Case) -> None:
    page = text(agent.get("/views/new/"))

    assert re.findall(r'name="r.0.value" value="(\w+)" checked', page) == [
        "new",
        "open",
        "waiting_customer",
        "waiting_third",
    ]
    assert '<p role="status">2 件</p>' in page


@pages
def test_the_form_shows_what_it_would_find_before_anything_is_kept(agent: Client, urgent: Case) -> None:
    page = text(agent.post("/views/new/", {**URGENT, "do": "show"}))

    found = page.split('id="preview"')[1]
    assert "至急お願いします" in found
    assert "炊飯器について" not in found
    assert '<p role="status">1 件</p>' in found
    assert kept() == []


@pages
def test_a_view_is_built_by_a_plain_form(agent: Client, world: World, urgent: Case) -> None:
    """Add a condition, fill it in, take the first away, save: four posts and no script."""
    added = text(agent.post("/views/new/", {**URGENT, "do": "add:r"}))
    assert 'name="r.1.field"' in added
    second = {"r.count": "2", "r.1.field": "subject", "r.1.op": "not_contains", "r.1.text": "炊飯器"}
    dropped = text(agent.post("/views/new/", {**URGENT, **second, "do": "drop:r.0"}))
    assert 'value="炊飯器"' in dropped
    assert 'name="r.1.field"' not in dropped
    only = {name.replace("r.1", "r.0"): value for name, value in second.items()} | {
        "r.join": "all",
        "r.count": "1",
    }

    done = agent.post("/views/new/", {**only, "do": "save", "name": " 炊飯器以外 "}, follow=True)

    wanted = {"not": {"field": "subject", "test": "contains", "value": "炊飯器"}}
    assert kept() == [("炊飯器以外", "owner", {"version": 1, "all": [wanted]})]
    assert done.redirect_chain[0][0] == f"/cases/?saved={everything(SavedView)[0].pk}"
    assert "ビュー「炊飯器以外」を保存しました。" in text(done)
    assert "至急お願いします" in text(done)


@pages
@pytest.mark.parametrize("more", [{"name": ""}, {"name": "急ぎ", "r.0.value": []}])
def test_what_cannot_be_kept_stays_in_the_form(agent: Client, world: World, more: dict[str, Any]) -> None:
    answer = agent.post("/views/new/", {**URGENT, **more, "do": "save"})

    assert answer.status_code == 422
    assert ('role="alert"' in text(answer)) or ('class="error"' in text(answer))
    assert kept() == []


@pages
def test_only_who_leads_the_desk_is_offered_to_share(agent: Client, supervisor: Client, world: World) -> None:
    desk = f"desk:{world.ours.desk.pk}"

    assert f'value="{desk}"' not in text(agent.get("/views/new/"))
    assert f'value="{desk}"' in text(supervisor.get("/views/new/"))
    # Asking for it all the same keeps it for oneself alone.
    agent.post("/views/new/", {**URGENT, "do": "save", "name": "一", "place": desk})
    supervisor.post("/views/new/", {**URGENT, "do": "save", "name": "二", "place": desk})
    assert [(name, audience) for name, audience, _filter in kept()] == [("一", "owner"), ("二", "desk")]


@pages
def test_a_view_is_changed_in_place_and_duplicated(agent: Client, world: World) -> None:
    view = saved(world, world.ours.agent)
    page = text(agent.get(f"/views/{view.pk}/"))
    assert 'value="至急のもの"' in page
    assert re.search(r'name="r.0.value" value="4" checked', page)

    high = {**URGENT, "r.0.value": ["3"], "name": "高いもの", "do": "save"}
    agent.post(f"/views/{view.pk}/", high)
    copy = text(agent.get(f"/views/new/?of={view.pk}"))

    high_filter = {"version": 1, "all": [{"field": "priority", "test": "in", "value": [3]}]}
    assert kept() == [("高いもの", "owner", high_filter)]
    assert 'value="高いもののコピー"' in copy
    assert re.search(r'name="r.0.value" value="3" checked', copy)


@pages
def test_a_shared_view_is_changed_by_who_leads_and_copied_by_all(agent: Client, world: World) -> None:
    view = saved(world, world.ours.supervisor, shared=True)

    assert agent.get(f"/views/{view.pk}/").status_code == 403
    refused = agent.post(f"/views/{view.pk}/", {**URGENT, "name": "私の", "do": "save"})
    assert refused.status_code == 403
    assert kept() == [("至急のもの", "desk", SAVED)]
    assert "至急のもののコピー" in text(agent.get(f"/views/new/?of={view.pk}"))
    assert signed_in(world.theirs.manager).get(f"/views/new/?of={view.pk}").status_code == 404
    assert agent.get("/views/new/?of=oops").status_code == 200


@pages
def test_a_desks_own_fields_are_asked_of(agent: Client, world: World, urgent: Case, case: Case) -> None:
    """Each kind has its own way to be written, and what was built is found, kept and shown again."""
    desk = world.ours.desk
    tree = make_field(desk, "tree", label="対象製品", choices=["家電 / 炊飯器", "家電 / 冷蔵庫", "家具"])
    amount = make_field(desk, "number", label="返金額")
    make_field(world.theirs.desk, label="よその項目")
    with world.ours.scope():
        for one, model, yen in ((urgent, "家電 / 炊飯器", "12800"), (case, "家具", "12800")):
            fill(one, field=tree.pk, written=model, by=actor_of(world.ours.agent))
            fill(one, field=amount.pk, written=yen, by=actor_of(world.ours.agent))
    line = {"r.join": "all", "r.count": "2", "r.0.field": f"tree:{tree.pk}", "r.0.op": "in"}
    over = {"r.1.field": f"number:{amount.pk}", "r.1.op": "over", "r.1.text": "１０，０００"}

    page = text(agent.post("/views/new/", {**line, **over, "r.0.value": ["家電"], "do": "show"}))
    wrong = text(agent.post("/views/new/", {**line, **over, "r.0.value": ["家電"], "r.1.text": "多め"}))
    agent.post("/views/new/", {**line, **over, "r.0.value": ["家電"], "do": "save", "name": "高額な家電"})
    view = everything(SavedView)[0]
    again = text(agent.get(f"/views/{view.pk}/"))

    assert '<optgroup label="窓口の項目">' in page
    assert "よその項目" not in page
    assert re.findall(r'name="r.0.value" value="([^"]+)"', page) == [
        "家電",
        "家電 / 炊飯器",
        "家電 / 冷蔵庫",
        "家具",
    ]
    assert '<p role="status">1 件</p>' in page
    assert "12や3.5のように数値を入力してください。" in wrong
    assert view.filter["all"] == [
        {"field": f"tree:{tree.pk}", "test": "in", "value": ["家電"]},
        {"field": f"number:{amount.pk}", "test": "over", "value": 10000},
    ]
    assert re.search(r'name="r.0.value" value="家電" checked', again)
    assert 'name="r.1.text" value="10000"' in again
    listed = text(agent.get(f"/cases/?saved={view.pk}"))
    assert 'class="cols"' not in listed
    assert ("至急お願いします" in listed, "炊飯器について" in listed) == (True, False)


@pages
def test_a_list_shows_up_to_three_fields(agent: Client, world: World, urgent: Case, case: Case) -> None:
    """Chosen with the view, beside each case of its list at three queries more, as far as the reader may see."""
    made = [make_field(world.ours.desk, label=label) for label in ("型番", "注文番号", "お届け先", "色")]
    phone = make_field(world.ours.desk, label="携帯電話", holds="phone")
    theirs = make_field(world.theirs.desk)
    with world.ours.scope():
        for field, value in ((made[0], "KS-10"), (phone, "090-1234-5678")):
            fill(urgent, field=field.pk, written=value, by=actor_of(world.ours.agent))
    save = {**URGENT, "do": "save", "name": "型番つき", "column": [str(made[0].pk), "", str(phone.pk)]}
    too_many = [str(field.pk) for field in made]

    agent.post("/views/new/", save)
    for wrong in (too_many, [str(theirs.pk)]):
        assert agent.post("/views/new/", {**save, "column": wrong}).status_code == 422
    [view] = everything(SavedView)
    assert view.columns == [made[0].pk, phone.pk]
    bare = saved(world, world.ours.agent)
    with counted() as plain:
        agent.get(f"/cases/?saved={bare.pk}")
    with counted() as cost:
        listed = text(agent.get(f"/cases/?saved={view.pk}"))
    assert len(cost) == len(plain) + 3
    shown = re.findall(r'<span title="([^"]+)"><span class="muted">([^<]+)</span> ([^<]+)</span>', listed)
    assert shown == [
        ("型番: KS-10", "型番", "KS-10"),
        ("携帯電話: 090-1234-5678", "携帯電話", "090-1234-5678"),
    ]

    agent.post(f"/views/{view.pk}/", save | {"column": [str(made[1].pk)]})
    assert [one.columns for one in everything(SavedView)] == [[made[1].pk], []]
    assert '<span class="muted">注文番号</span> —' in text(agent.get(f"/cases/?saved={view.pk}"))
    agent.post(f"/views/{view.pk}/", save)
    with scope.everywhere(reason="a test"):
        Engagement.objects.filter(company=world.ours.company).update(masked=["phone"])
    assert "090-1234-5678" not in text(signed_in(world.ours.agent).get(f"/cases/?saved={view.pk}"))


@pages
def test_what_is_masked_is_not_found_out_by_asking(world: World, case: Case) -> None:
    """Given a field that holds phone numbers and people from whom these are kept, they learn nothing by asking."""
    field = make_field(world.ours.desk, label="携帯電話", holds="phone")
    with world.ours.scope():
        fill(case, field=field.pk, written="090-1234-5678", by=actor_of(world.ours.agent))
    line = {
        "r.join": "all",
        "r.count": "1",
        "r.0.field": f"text:{field.pk}",
        "r.0.text": "5678",
        "do": "show",
    }
    with scope.everywhere(reason="a test"):
        seen = text(signed_in(world.ours.agent).post("/views/new/", line | {"r.0.op": "contains"}))
        Engagement.objects.filter(company=world.ours.company).update(masked=["phone"])
    agent = signed_in(world.ours.agent)

    assert '<p role="status">1 件</p>' in seen
    for asked in ("contains", "in", "known"):
        assert '<p role="status">0 件</p>' in text(agent.post("/views/new/", line | {"r.0.op": asked}))
    assert "携帯電話" not in text(agent.get("/views/new/"))


@pages
def test_a_customer_is_named_by_the_number_of_a_case(
    agent: Client, world: World, case: Case, number: str
) -> None:
    of_customer = {
        "r.join": "all",
        "r.count": "1",
        "r.0.field": "customer",
        "r.0.op": "in",
        "r.0.text": number,
    }

    agent.post("/views/new/", {**of_customer, "do": "save", "name": "このお客様"})
    view = everything(SavedView)[0]
    page = text(agent.get(f"/views/{view.pk}/"))
    nobody = agent.post("/views/new/", {**of_customer, "r.0.text": "ZZ-9", "do": "save", "name": "別"})

    assert read_filter(view.filter) == All((Condition("customer", "in", (case.customer_id,)),))
    assert f'name="r.0.text" value="{number}"' in page
    assert nobody.status_code == 422
    assert len(kept()) == 1


@pages
def test_another_companys_case_names_nobody(world: World, agent: Client) -> None:
    theirs = make_case(world.theirs.entry_point).spoken_number(world.theirs.company.prefix)
    asked = {"r.join": "all", "r.count": "1", "r.0.field": "customer", "r.0.op": "in", "r.0.text": theirs}

    assert agent.post("/views/new/", {**asked, "do": "save", "name": "よその"}).status_code == 422
    assert kept() == []


@pages
def test_times_and_events_are_asked_with_a_unit_or_a_date(agent: Client, world: World) -> None:
    asked = {"r.join": "any", "r.count": "3", "do": "save", "name": "時"}
    asked |= {"r.0.field": "waiting", "r.0.op": "before", "r.0.when": "h", "r.0.amount": "4"}
    asked |= {"r.1.field": "event", "r.1.kind": "case.status", "r.1.op": "not_since", "r.1.when": "this_week"}
    asked |= {"r.2.field": "opened", "r.2.op": "since", "r.2.when": "date", "r.2.amount": "2026-08-01T10:00"}

    agent.post("/views/new/", asked)

    assert kept()[0][2]["any"] == [
        {"field": "waiting", "test": "before", "value": "4h"},
        {"not": {"field": "event", "kind": "case.status", "test": "since", "value": "this_week"}},
        {"field": "opened", "test": "since", "value": "2026-08-01T10:00"},
    ]
    page = text(agent.get(f"/views/{everything(SavedView)[0].pk}/"))
    assert 'type="number" name="r.0.amount" value="4"' in page
    assert 'type="datetime-local" name="r.2.amount" value="2026-08-01T10:00"' in page


@pages
def test_the_builder_costs_no_more_for_many_conditions(agent: Client, world: World, urgent: Case) -> None:
    many = {"r.join": "all", "r.count": "12"}
    many |= {
        f"r.{n}.{part}": value for n in range(12) for part, value in (("field", "assignee"), ("op", "not_in"))
    }
    lines: dict[str, Any] = many | {f"r.{n}.value": ["nobody"] for n in range(12)}
    one: dict[str, Any] = {name: value for name, value in lines.items() if name[:3] in ("r.0", "r.j")}
    with counted() as cheap:
        agent.post("/views/new/", one | {"r.count": "1"})
    with counted() as dear:
        page = agent.post("/views/new/", lines, headers=HTMX)

    assert text(page).count('class="cond') == 12
    assert len(dear) == len(cheap)
    assert write_filter(All(())) == {"version": 1, "all": []}
