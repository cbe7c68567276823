"""What happened, taken along: by the filter of the audit log, of a case, of a customer; no more than one may see."""

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from madoguchi.administration.audit import words_seen
from madoguchi.administration.pages import audit
from madoguchi.cases.actions import rename, set_tags
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.companies.factories import make_desk, make_entry_point
from madoguchi.customers.actions import change_customer, set_addresses
from madoguchi.customers.models import Customer
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.infra.origin import coming_from
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Role
from madoguchi.kernel.channel import Party
from madoguchi.people.factories import World
from madoguchi.people.models import CompanyMember, User
from madoguchi.people.queries import actor_of
from madoguchi.tasks.actions import Wanted, add_task, change_task

Browser = Callable[[User], Client]
PAGE = "/administration/audit/download/"
MISAKI = Party("misaki@home.example", "髙橋 美咲")
CHANGED = "customer.changed"


@pytest.fixture
def case(world: World) -> Case:
    """A case that was tagged from a page; beside it another customer's, and another company's."""
    by = actor_of(world.ours.supervisor)
    made = make_case(world.ours.entry_point, sender=MISAKI)
    make_case(world.ours.entry_point, sender=Party("other@home.example", "別人"))
    make_case(world.theirs.entry_point, sender=MISAKI)
    with scope.acting_for(by.companies), coming_from("page 192.0.2.7"):
        set_tags(made, to=["=返品"], by=by)
    return made


def number(case: Case, world: World) -> str:
    return case.spoken_number(world.ours.company.prefix)


def lines(browser: Client, query: str) -> list[dict[str, Any]]:
    answer = browser.get(f"{PAGE}?as=jsonl&{query}")
    assert answer.status_code == 200
    return [json.loads(line) for line in answer.content.decode().splitlines()]


def test_of_a_case_as_json_lines(world: World, signed_in: Browser, case: Case) -> None:
    told = lines(signed_in(world.ours.manager), f"case={number(case, world)}")
    assert [line["kind"] for line in told] == ["case.opened", "case.changed"]
    changed = told[1]
    assert (changed["before"], changed["after"]) == ({"tags": []}, {"tags": ["=返品"]})
    assert (changed["who"], changed["where"]) == (world.ours.supervisor.name, "page 192.0.2.7")
    assert (changed["company"], changed["case"]) == (world.ours.company.name, number(case, world))


def test_of_a_case_as_a_table(world: World, signed_in: Browser, case: Case) -> None:
    with clock.held_at(datetime.fromisoformat("2026-11-29T16:00:00+00:00")):
        answer = signed_in(world.ours.manager).get(f"{PAGE}?case={number(case, world)}")
    table = io.StringIO(answer.content.decode("utf-8-sig"))
    rows = list(csv.DictReader(table))
    assert list(rows[0]) == [
        *("番号", "日時（日本時間）", "種別", "操作", "操作した人", "人・システム", "操作元"),
        *("委託元", "用件", "窓口", "変更前", "変更後", "詳細", "引き継ぎ"),
    ]
    assert [row["種別"] for row in rows] == ["case.opened", "case.changed"]
    assert rows[1]["変更後"] == '{"tags": ["=返品"]}'
    with world.ours.scope():
        at = Event.objects.get(case_id=case.pk, kind="case.changed").at.astimezone(clock.TOKYO)
    assert rows[1]["日時（日本時間）"] == f"{at:%Y-%m-%d %H:%M:%S}"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert (
        answer["Content-Disposition"] == f'attachment; filename="history-{number(case, world)}-20261130.csv"'
    )
    assert "no-store" in answer["Cache-Control"]


def test_of_a_customer(world: World, signed_in: Browser, case: Case) -> None:
    told = lines(signed_in(world.ours.company_manager), f"customer={case.customer_id}")
    assert [line["kind"] for line in told] == ["customer.created", "case.opened", "case.changed"]
    assert {line["case"] for line in told} == {"", number(case, world)}


def test_by_the_filter_of_the_page(world: World, signed_in: Browser, case: Case) -> None:
    told = lines(signed_in(world.ours.company_manager), "kind=case.opened")
    assert [line["kind"] for line in told] == ["case.opened", "case.opened"]
    assert lines(signed_in(world.ours.company_manager), "until=2020-01-01") == []


@pytest.mark.parametrize("who", ["agent", "supervisor", "company_staff"])
def test_who_reads_no_audit_log_takes_none_along(
    world: World, signed_in: Browser, case: Case, who: str
) -> None:
    assert signed_in(getattr(world.ours, who)).get(f"{PAGE}?case={number(case, world)}").status_code == 403


def test_nothing_of_another_company(world: World, signed_in: Browser, case: Case) -> None:
    browser = signed_in(world.theirs.company_manager)
    assert browser.get(f"{PAGE}?case={number(case, world)}").status_code == 404
    assert browser.get(f"{PAGE}?customer={case.customer_id}").status_code == 404
    assert {line["company"] for line in lines(browser, "")} == {world.theirs.company.name}


def test_nothing_of_a_desk_that_is_not_ones_own(world: World, signed_in: Browser, case: Case) -> None:
    elsewhere = make_case(make_entry_point(make_desk(world.ours.company)), sender=MISAKI)
    told = lines(signed_in(world.ours.manager), f"customer={case.customer_id}")
    assert {line["case"] for line in told} == {number(case, world)}
    assert elsewhere.customer_id == case.customer_id


def test_what_is_masked_on_the_page_is_masked_in_the_file(
    world: World, signed_in: Browser, case: Case
) -> None:
    side = world.ours
    with side.scope():
        side.engagement.masked = ["email"]
        side.engagement.save()
        rename(case, to=f"{MISAKI.address} の件", by=actor_of(side.supervisor))
    whole = lines(signed_in(side.company_manager), "")
    masked = lines(signed_in(side.manager), "")
    assert (MISAKI.address in str(whole), MISAKI.address in str(masked)) == (True, False)


def test_a_customers_record_is_told_before_and_after_as_the_contract_shows_it(
    world: World, signed_in: Browser, case: Case
) -> None:
    """Given a change of name and of addresses by one who sees them: whole to the company, masked to others."""
    side = world.ours
    by = actor_of(side.supervisor)
    with side.scope():
        customer = Customer.objects.get(pk=case.customer_id)
        change_customer(customer, name="高橋 美咲", memo="", by=by)
        set_addresses(customer, emails=["misaki.new@home.example"], by=by)
        set_addresses(customer, members=["12345678"], by=by)
        change_customer(customer, address="京都市中京区", by=by)
        side.engagement.masked = ["email", "member", "address"]
        side.engagement.save()
    of_them = f"customer={case.customer_id}"

    whole = [one for one in lines(signed_in(side.company_manager), of_them) if one["kind"] == CHANGED]
    page = signed_in(side.company_manager).get("/administration/audit/").content.decode()
    with side.scope():
        events = list(Event.objects.filter(kind=CHANGED).order_by("id"))
        masked = words_seen(events, actor_of(side.manager))

    assert [(one["before"], one["after"]) for one in whole] == [
        ({"name": "髙橋 美咲"}, {"name": "高橋 美咲"}),
        ({"emails": ["misaki@home.example"]}, {"emails": ["misaki.new@home.example"]}),
        ({"members": []}, {"members": ["12345678"]}),
        ({"address": ""}, {"address": "京都市中京区"}),
    ]
    assert [masked[event.pk] for event in events] == [
        {"name": ["髙橋 美咲", "高橋 美咲"]},
        {"emails": [["mi••••@••••.example"], ["mi••••@••••.example"]]},
        {"members": [[], ["123••••••78"]]},
        {"address": ["", "京••••"]},
    ]
    assert ("髙橋 美咲 → 高橋 美咲" in page, "misaki.new@home.example" in page) == (True, True)


def test_a_task_is_told_by_what_it_was_called(world: World, signed_in: Browser, case: Case) -> None:
    by = actor_of(world.ours.supervisor)
    with world.ours.scope():
        task = add_task(case, Wanted(title="電話"), by=by)
        change_task(task, Wanted(title="折り返し電話", minutes=5), by=by)
    told = lines(signed_in(world.ours.manager), f"case={number(case, world)}")[-1]
    assert (told["before"], told["after"]) == (
        {"title": "電話", "minutes": None},
        {"title": "折り返し電話", "minutes": 5},
    )


def test_more_than_fits_is_refused_and_not_cut(
    world: World, signed_in: Browser, case: Case, monkeypatch: Any
) -> None:
    monkeypatch.setattr(audit, "MOST", 1)
    answer = signed_in(world.ours.manager).get(f"{PAGE}?case={number(case, world)}")
    assert answer.status_code == 422
    assert "日付で絞り込んで" in answer.content.decode()


def kept(world: World) -> list[tuple[int, int | None, dict[str, Any]]]:
    with scope.everywhere(reason="a test looks at the logs of all companies"):
        rows = Event.objects.filter(kind="audit.downloaded").order_by("company_id", "id")
        return list(rows.values_list("company_id", "actor_id", "data"))


def test_who_took_what_along_is_kept(world: World, signed_in: Browser, case: Case) -> None:
    ours = world.ours
    lines(signed_in(ours.manager), f"case={number(case, world)}&since=2020-01-01")
    [(company, who, data)] = kept(world)
    wanted = {"case": number(case, world), "since": "2020-01-01"}
    assert (company, who) == (ours.company.pk, ours.manager.pk)
    assert data == {"form": "jsonl", "events": 2, "wanted": wanted, "customer": None}

    lines(signed_in(ours.manager), f"customer={case.customer_id}")
    of_customer = kept(world)[1][2]
    assert (of_customer["wanted"], of_customer["customer"]) == ({}, case.customer_id)

    page = signed_in(ours.company_manager).get("/administration/audit/").content.decode()
    assert "監査ログをファイルに書き出しました" in page


def test_each_company_hears_of_its_own_events(world: World, signed_in: Browser, case: Case) -> None:
    both = world.ours.company_manager
    with scope.everywhere(reason="a test seats somebody at two companies"):
        CompanyMember.objects.create(user=both, company=world.theirs.company, role=Role.COMPANY_MANAGER)
    told = lines(signed_in(both), "kind=case.opened&company=")
    mine, other = world.ours.company.pk, world.theirs.company.pk
    assert [(company, data["events"]) for company, _who, data in kept(world)] == [(mine, 2), (other, 1)]
    assert len(told) == 3


def test_who_gets_no_file_leaves_no_word_of_one(
    world: World, signed_in: Browser, case: Case, monkeypatch: Any
) -> None:
    signed_in(world.ours.agent).get(PAGE)
    signed_in(world.theirs.company_manager).get(f"{PAGE}?case={number(case, world)}")
    lines(signed_in(world.ours.company_manager), "until=2020-01-01")
    monkeypatch.setattr(audit, "MOST", 1)
    signed_in(world.ours.manager).get(f"{PAGE}?case={number(case, world)}")
    assert kept(world) == []


def test_the_page_and_the_case_lead_there(world: World, signed_in: Browser, case: Case) -> None:
    page = signed_in(world.ours.manager).get("/administration/audit/?kind=case.opened").content.decode()
    assert f"{PAGE}?kind=case.opened&amp;as=csv" in page
    at_case = signed_in(world.ours.manager).get(f"/cases/{number(case, world)}/").content.decode()
    assert f"{PAGE}?case={number(case, world)}" in at_case
    assert PAGE not in signed_in(world.ours.agent).get(f"/cases/{number(case, world)}/").content.decode()


def test_a_refusal_shows_as_a_page(world: World, signed_in: Browser, case: Case) -> None:
    """With `download` at its link, the browser would keep the words of a refusal to itself."""
    manager = signed_in(world.ours.manager)
    for address in ("/administration/audit/", f"/cases/{number(case, world)}/"):
        links = re.findall(rf'<a [^>]*href="{PAGE}[^>]*>', manager.get(address).content.decode())
        assert (len(links), [link for link in links if re.search(r"\bdownload>", link)]) == (2, [])
