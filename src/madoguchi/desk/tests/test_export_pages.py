"""Taking a list along from the console: offered to who may, begun, watched, taken once."""

import pytest
from django.test import Client

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.companies.factories import make_company, make_desk, make_engagement
from madoguchi.desk.tests.conftest import everything, signed_in
from madoguchi.exports.actions import work
from madoguchi.exports.models import Export
from madoguchi.infra import scope
from madoguchi.knowledge.factories import approved
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


def only(world: World) -> Export:
    (export,) = everything(Export)
    return export


def test_a_list_is_written_and_taken_once(supervisor: Client, world: World, case: Case) -> None:
    offered = supervisor.get("/cases/?view=all").content.decode()
    form = supervisor.get("/export/?view=all").content.decode()
    begun = supervisor.post("/export/?view=all", {"column": ["number", "subject"]})

    assert '/export/?view=all"' in offered
    assert 'value="subject" checked' in form
    export = only(world)
    assert (begun.status_code, begun.headers["Location"]) == (302, f"/exports/{export.pk}/")
    assert (export.called, export.columns, export.wanted["view"]) == (
        "すべての用件",
        ["number", "subject"],
        "all",
    )
    waiting = supervisor.get(f"/exports/{export.pk}/").content.decode()
    assert ('hx-trigger="every 1s"' in waiting, 'id="stop"' in waiting, 'id="take"' in waiting) == (
        *(True, True, False),
    )

    work(export.pk, company=world.ours.company.pk)

    ready = supervisor.get(f"/exports/{export.pk}/").content.decode()
    assert ('hx-trigger="every 1s"' in ready, 'id="take"' in ready) == (False, True)
    file = supervisor.post(f"/exports/{export.pk}/take/")
    assert file.status_code == 200
    assert file.streaming
    assert file.getvalue().decode("utf-8-sig").splitlines()[1].endswith(",炊飯器について")
    assert file.headers["Content-Disposition"].startswith('attachment; filename="cases-')
    assert "no-store" in file.headers["Cache-Control"]
    again = supervisor.post(f"/exports/{export.pk}/take/")
    assert again.status_code == 409
    assert "1日以内に1回だけ" in again.content.decode()
    assert f"/exports/{export.pk}/" in supervisor.get("/export/?view=all").content.decode()


def test_nothing_leaves_by_being_looked_at(supervisor: Client, world: World, case: Case) -> None:
    """A link, or a browser that fetches ahead, takes nothing."""
    supervisor.post("/export/?view=all", {"column": ["number"]})
    work(only(world).pk, company=world.ours.company.pk)

    assert supervisor.get(f"/exports/{only(world).pk}/take/").status_code == 405
    assert only(world).state == "ready"


def test_without_a_column_it_is_said_what_to_do(supervisor: Client, case: Case) -> None:
    answer = supervisor.post("/export/?view=all", {"csrf": "x"})

    assert answer.status_code == 422
    assert "列を1つ以上選んでください。" in answer.content.decode()
    assert everything(Export) == []


def test_it_is_stopped(supervisor: Client, world: World, case: Case) -> None:
    supervisor.post("/export/?q=炊飯器", {"column": ["number"]})
    export = only(world)

    answer = supervisor.post(f"/exports/{export.pk}/stop/", follow=True)

    assert "中止しました。ファイルはありません。" in answer.content.decode()
    assert only(world).state == "cancelled"


def test_who_may_not_is_offered_nothing_and_refused(
    agent: Client, stranger: Client, world: World, case: Case
) -> None:
    signed_in(world.ours.supervisor).post("/export/?view=all", {"column": ["number"]})
    export, before = only(world), everything(Export)

    assert "/export/" not in agent.get("/cases/?view=all").content.decode()
    for client, begin, rest in ((agent, 403, 403), (stranger, 302, 404)):
        assert client.post("/export/?view=all", {"column": ["number"]}).status_code == begin
        for address in ("", "stop/", "take/"):
            method = client.post if address else client.get
            assert method(f"/exports/{export.pk}/{address}").status_code == rest
    ours = [one for one in everything(Export) if one.company_id == world.ours.company.pk]
    assert [(one.pk, one.state) for one in ours] == [(one.pk, one.state) for one in before]


def test_of_several_companies_one_is_chosen(world: World, case: Case) -> None:
    """Given a vendor's manager at desks of two companies: each file is one company's alone."""
    with scope.everywhere(reason="a test makes another company"):
        other = make_company()
        desk = make_desk(other)
        make_engagement(world.ours.operator, desk)
    manager = signed_in(world.ours.manager)
    assert f'<option value="{other.pk}">' in manager.get("/export/?view=all").content.decode()

    manager.post("/export/?view=all", {"column": ["number"], "company": str(other.pk)})
    manager.post("/export/?view=all", {"column": ["number"], "company": str(world.theirs.company.pk)})

    made = sorted(one.company_id for one in everything(Export))
    assert (len(made), world.theirs.company.pk in made, other.pk in made) == (2, False, True)


def test_an_empty_list_offers_nothing(supervisor: Client, world: World) -> None:
    assert "/export/" not in supervisor.get("/cases/?view=solved").content.decode()
    make_case(world.ours.entry_point)
    assert "/export/?view=all" in supervisor.get("/cases/?view=all").content.decode()


def test_all_articles_are_written_and_taken_once(world: World) -> None:
    manager = signed_in(world.ours.company_manager)
    with world.ours.scope():
        approved(
            world.ours.company, by=actor_of(world.ours.company_manager), title="返品", body="8日以内です。"
        )
    along = f"/articles/along/{world.ours.company.pk}/"
    assert f'action="{along}"' in manager.get("/articles/").content.decode()

    begun = manager.post(along)

    export = only(world)
    assert begun.headers["Location"] == f"/exports/{export.pk}/"
    assert "記事をまとめています。" in manager.get(f"/exports/{export.pk}/").content.decode()
    work(export.pk, company=world.ours.company.pk)
    file = manager.post(f"/exports/{export.pk}/take/")
    assert (file.headers["Content-Type"], file.getvalue()[:2]) == ("application/zip", b"PK")
    assert file.headers["Content-Disposition"].startswith('attachment; filename="articles-')
    assert "記事をもう一度" in manager.get(f"/exports/{export.pk}/").content.decode()


def test_nobody_else_is_offered_them_or_gets_them(world: World, supervisor: Client) -> None:
    along = f"/articles/along/{world.ours.company.pk}/"
    foreign = signed_in(world.theirs.company_manager)

    assert along not in supervisor.get("/articles/").content.decode()
    assert (supervisor.post(along).status_code, foreign.post(along).status_code) == (403, 404)
    assert everything(Export) == []


def test_customers_are_taken_along_by_who_has_the_whole_company(
    supervisor: Client, world: World, case: Case
) -> None:
    company_manager = signed_in(world.ours.company_manager)
    assert "/exports/records/" in company_manager.get("/export/?view=all").content.decode()
    assert "/exports/records/" not in supervisor.get("/export/?view=all").content.decode()
    assert supervisor.get("/exports/records/").status_code == 403
    wanted = {"what": "customers", "company": world.ours.company.pk, "letters": "cp932"}

    wrong = company_manager.post("/exports/records/", wanted | {"since": "2026-02-01", "until": "2026-01-01"})
    begun = company_manager.post("/exports/records/", wanted)

    assert (wrong.status_code, begun.status_code) == (422, 302)
    work(only(world).pk, company=world.ours.company.pk)
    file = company_manager.post(f"/exports/{only(world).pk}/take/")
    assert file.headers["Content-Type"] == "text/csv; charset=shift_jis"
    assert file.headers["Content-Disposition"].startswith('attachment; filename="customers-')
    with world.ours.scope():
        name = case.customer.name
    assert name in file.getvalue().decode("cp932")
