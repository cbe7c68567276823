"""Whatever had happened in a company, and whatever it has of its own: elsewhere it is the same."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madoguchi.batches.actions import start, work
from madoguchi.cases import actions
from madoguchi.cases.actions import link, merge, part_customers, split, unmerge, unsplit
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Merge, Message, Priority, Split, Status
from madoguchi.commerce.actions import move_order, set_up_shop, write_policy
from madoguchi.commerce.documents.kinds import Kind
from madoguchi.commerce.factories import make_variant, order_of
from madoguchi.commerce.issuing import issue
from madoguchi.commerce.models import Order
from madoguchi.customers.actions import join_customers
from madoguchi.customers.models import Join
from madoguchi.delivery.actions import ANYTHING, Reply, reply
from madoguchi.fields.factories import make_field, make_matter
from madoguchi.fields.models import Field, Matter
from madoguchi.following.actions import follow, unfollow
from madoguchi.imports.actions import target_of
from madoguchi.imports.reports import Report
from madoguchi.imports.running import run
from madoguchi.imports.sources import Asked
from madoguchi.imports.zendesk import open_zendesk
from madoguchi.infra import scope
from madoguchi.infra.reactions import run_all
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, system
from madoguchi.kernel.channel import Party
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.people.factories import Side, make_world
from madoguchi.people.queries import actor_of
from madoguchi.project.tests.test_company_moves import (
    MISAKI,
    MORNING,
    PHOTO,
    AsOwner,
    all_left,
    elsewhere,
    exported,
    imported,
    without_the_move,
)
from madoguchi.tasks.actions import Wanted, add_task, apply_plan, change_task, remove_tasks, tick
from madoguchi.tasks.models import Plan
from madoguchi.tasks.planning import add_plan
from madoguchi.tasks.queries import tasks_of

pytestmark = pytest.mark.django_db(transaction=True)
SHELL = system("test")
Deed = Callable[[Case, Case, Actor], Any]


def merge_the_two(one: Case, other: Case, by: Actor) -> None:
    merge(one, into=other, by=by)


def take_apart(one: Case, other: Case, by: Actor) -> None:
    last = Merge.objects.filter(undone_at=None).order_by("-id").first()
    if last:
        unmerge(last, by=by)


def split_off(one: Case, other: Case, by: Actor) -> None:
    last = Message.objects.filter(case=one).order_by("-id").values_list("pk", flat=True)[:1]
    split(one, messages=list(last), by=by, subject="別の件")


def put_back(one: Case, other: Case, by: Actor) -> None:
    last = Split.objects.filter(undone_at=None).order_by("-id").first()
    if last:
        unsplit(last, by=by)


def fill_in(one: Case, other: Case, by: Actor) -> None:
    """A text, a number, and another customer, a product and an order, which have ids of their own elsewhere."""
    ordered = Order.objects.first() or order_of(one.customer_id, one.desk_id)
    product = make_variant(one.company, name="急須").product
    written = {"text": "青", "number": "7", "customer": MISAKI.address}
    written |= {"product": product.code, "order": ordered.spoken_number}
    for kind in written:
        found = Field.objects.filter(desk_id=one.desk_id, kind=kind).first() or make_field(one.desk, kind)
        actions.fill(one, field=found.pk, written=written[kind], by=by)
        one.refresh_from_db()


def choose_a_kind(one: Case, other: Case, by: Actor) -> None:
    asked = list(Field.objects.filter(desk_id=one.desk_id))
    found = Matter.objects.filter(desk_id=one.desk_id).first() or make_matter(one.desk, fields=asked)
    actions.choose_matter(one, to=found.pk, by=by)


def set_a_task(one: Case, other: Case, by: Actor) -> None:
    due_at = clock.now() + timedelta(days=1)
    add_task(one, Wanted(title="倉庫に確かめる", owner=by.id, due_at=due_at, minutes=5), by=by)


def plan_it(one: Case, other: Case, by: Actor) -> None:
    steps = [{"title": "写真をもらう", "after": 2, "unit": "hours", "owner": "me"}, {"title": "交換品を送る"}]
    found = Plan.objects.filter(company=one.company_id).first()
    found = found or add_plan(one.company, desk=one.desk, name="交換", steps=steps, owner=by.id, by=by)
    apply_plan(found, one, by=by)


def to_the_first_task(deed: Callable[..., Any]) -> Deed:
    def done(one: Case, other: Case, by: Actor) -> None:
        for task in tasks_of(one)[:1]:
            deed(task, by=by)

    return done


def order_something(one: Case, other: Case, by: Actor) -> None:
    order_of(one.customer_id, one.desk_id, (make_variant(one.company, stock=3), 2), case=one.pk)


def move_the_order(one: Case, other: Case, by: Actor) -> None:
    for order in Order.objects.filter(state="placed")[:1]:
        move_order(order, "shipped", by=SHELL)


def give_a_paper(one: Case, other: Case, by: Actor) -> None:
    for order in Order.objects.order_by("-id")[:1]:
        issue(order, Kind.INVOICE, by=SHELL, again=True)


def join_another(one: Case, other: Case, by: Actor) -> None:
    at_work = make_case(one.entry_point, sender=Party("misaki@work.example", "高橋美咲"))
    join_customers(at_work.customer, into=one.customer, by=by)


def part_them(one: Case, other: Case, by: Actor) -> None:
    last = Join.objects.filter(undone_at=None).order_by("-id").first()
    if last:
        part_customers(last, by=by)


def act_on_both(one: Case, other: Case, by: Actor) -> None:
    batch = start([one.pk, other.pk], verb="assign", value=str(by.id), by=by)
    work(batch.pk, company=batch.company_id)


SAID: dict[str, Deed] = {
    "the customer speaks": lambda one, other, by: say_again(one.continued_in or one),
    "answer": lambda one, other, by: reply(one, Reply(text="はい。", confirmed=ANYTHING), by=by),
    "note": lambda one, other, by: actions.add_note(one, text=f"メモ @{by.name}", by=by),
    "draft": lambda one, other, by: actions.save_draft(one, kind="reply", text="下書き", by=by),
}
CHANGED: dict[str, Deed] = {
    "take": lambda one, other, by: actions.assign(one, to=by.id, by=by),
    "solve": lambda one, other, by: actions.change_status(one, to=Status.SOLVED, by=by),
    "hurry": lambda one, other, by: actions.set_priority(one, to=Priority.URGENT, by=by),
    "tag": lambda one, other, by: actions.set_tags(one, to=["返品", "至急"], by=by),
    "act on both": act_on_both,
    "link": lambda one, other, by: link(one, role="cause", other=other, by=by),
    "merge": merge_the_two,
    "unmerge": take_apart,
    "split": split_off,
    "unsplit": put_back,
}
OWN: dict[str, Deed] = {
    "fill in": fill_in,
    "choose a kind": choose_a_kind,
    "set a task": set_a_task,
    "plan": plan_it,
    "tick": to_the_first_task(lambda task, by: tick(task, done=True, by=by)),
    "give away": to_the_first_task(lambda task, by: change_task(task, Wanted(title=task.title), by=by)),
    "take off": lambda one, other, by: remove_tasks(one, [t.pk for t in tasks_of(one)[:1]], by=by),
    "follow": lambda one, other, by: follow(one, by=by),
    "unfollow": lambda one, other, by: unfollow(one, by=by),
    "order": order_something,
    "ship": move_the_order,
    "paper": give_a_paper,
    "part": part_them,
    "join": join_another,
}
DEEDS = SAID | CHANGED | OWN


def history(deeds: dict[str, Deed], most: int) -> st.SearchStrategy[list[tuple[str, bool]]]:
    return st.lists(st.tuples(st.sampled_from(sorted(deeds)), st.booleans()), max_size=most)


def lived(side: Side, deeds: list[tuple[str, bool]]) -> list[str]:
    """What happens to two cases, of which a colleague follows one; returns what was possible."""
    by = actor_of(side.supervisor)
    with side.scope():
        set_up_shop(side.company, by=SHELL, registration_number="T7000012050002")
        write_policy(side.company, words="到着後8日以内は返品できます。", days=8, by=SHELL)
    cases = [make_case(side.entry_point, sender=MISAKI, files=(PHOTO,)) for _ in range(2)]
    done = []
    with scope.acting_for(by.companies):
        follow(cases[0], by=actor_of(side.agent))
        for minute, (deed, swapped) in enumerate(deeds, 1):
            with clock.held_at(MORNING + timedelta(minutes=minute)):
                one, other = (Case.objects.get(pk=case.pk) for case in (cases[::-1] if swapped else cases))
                with suppress(Refused, NotAllowed, Conflict):
                    DEEDS[deed](one, other, by)
                    done.append(deed)
    return done


def moved(side: Side, as_owner: AsOwner) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """What is in the file before and after the company came into another installation."""
    all_left(side)
    before = exported(side.company.prefix)
    elsewhere(as_owner)
    # Ids of others lie between.
    others = make_world().theirs
    order_of(make_case(others.entry_point).customer_id, others.desk.pk)
    make_field(others.desk)
    imported(before)
    return without_the_move(before), without_the_move(exported(side.company.prefix))


FEW = settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@FEW
@given(history(SAID | CHANGED, 10))
def test_whatever_was_said_and_changed(as_owner: AsOwner, deeds: list[tuple[str, bool]]) -> None:
    elsewhere(as_owner)
    side = make_world().ours
    make_case(make_world().ours.entry_point)
    lived(side, deeds)

    before, after = moved(side, as_owner)

    assert after == before


@FEW
@given(history(DEEDS, 14))
def test_whatever_it_has_of_its_own(as_owner: AsOwner, deeds: list[tuple[str, bool]]) -> None:
    elsewhere(as_owner)
    side = make_world().ours
    run_all()
    lived(side, deeds)
    run_all()  # what the bell tells goes along, too

    before, after = moved(side, as_owner)

    assert after == before


def test_all_of_it_at_once(as_owner: AsOwner, tmp_path: Path) -> None:
    """Each thing that can be done is done, so none is left out by chance; and some of it came from elsewhere before."""
    elsewhere(as_owner)
    side = make_world().ours
    order = ["order", "fill in", "choose a kind", "plan", "set a task", "act on both", "follow"]
    rest = [deed for deed in DEEDS if deed not in (*order, "merge", "unmerge", "split", "unsplit", "solve")]
    wanted = [*order, *rest, "the customer speaks", "split", "unsplit", "merge", "unmerge", "merge", "solve"]
    bring(side, tmp_path)
    run_all()  # from here on readers of the log hear what happens

    done = lived(side, [(deed, False) for deed in wanted])
    run_all()

    assert set(DEEDS) - set(done) == set()
    before, after = moved(side, as_owner)
    assert after == before
    held = {name.split("/")[1] for name in before if name.startswith("tables/")}
    assert {
        "batches.BatchRow",
        "cases.Merge",
        "cases.Split",
        "commerce.IssuedDocument",
        "commerce.OrderLine",
        "fields.Field",
        "fields.Matter",
        "following.Follow",
        "following.Notification",
        "imports.Origin",
        "tasks.PlanVersion",
        "tasks.Task",
    } <= held


def bring(side: Side, folder: Path) -> None:
    comment = {
        "id": 1,
        "author_id": 11,
        "body": "届きません",
        "public": True,
        "created_at": "2024-05-01T01:00:00Z",
    }
    ticket = {"id": 35, "subject": "届きません", "status": "open", "created_at": comment["created_at"]}
    ticket |= {"requester": {"id": 11, "name": "佐藤", "email": "sato@home.example"}, "comments": [comment]}
    path = folder / "tickets.json"
    path.write_text(json.dumps(ticket), encoding="utf-8")
    target = target_of(side.entry_point, source="there", importer=side.supervisor.pk)
    report = Report(None)
    run(open_zendesk((path,), Asked()), target, report=report, progress=lambda _n: None, files=[path])
    assert report.counts == {"case": {"created": 1}}
