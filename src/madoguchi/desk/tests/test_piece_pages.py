"""Lots and serial numbers by the pages: written down on an order, found with the warranty, and beside an incident."""

import pytest
from django.test import Client

from madoguchi.cases.models import Case, Look
from madoguchi.commerce.factories import make_variant, order_of
from madoguchi.commerce.models import OrderLine, Piece, Product
from madoguchi.customers.models import Customer
from madoguchi.desk import sold_pieces
from madoguchi.desk.tests.conftest import everything, signed_in
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.people.factories import World
from madoguchi.signals.models import Incident, Signal

pytestmark = pytest.mark.django_db


def reported(case: Case, product: Product) -> Incident:
    """A fault of a lot of a product, as an incident."""
    with scope.acting_for([case.company_id]):
        incident = Incident.objects.create(
            company=case.company, kind="product", product=product, raised_at=case.opened_at
        )
        Signal.objects.create(
            company=case.company,
            case=case,
            kind="product",
            words="蓋が外れる",
            product=product,
            lot="A7",
            raised_at=case.opened_at,
            incident=incident,
        )
    return incident


def test_a_lot_leads_from_what_was_reported_to_who_bought_it(
    world: World, case: Case, agent: Client, supervisor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    kettle = make_variant(world.ours.company, code="NB-01", warranty_months=12)
    order = order_of(case.customer_id, world.ours.desk.pk, (kettle, 2), case=case.pk)
    [line] = everything(OrderLine, shipping=False)
    form = {"line": line.pk, "lot": "a7", "serials": "0012\n0013\n0014"}

    refused = agent.post(f"/orders/{order.pk}/pieces/", form)
    assert (refused.status_code, everything(Piece)) == (422, [])
    assert "個数より多いシリアル番号です。2件までにしてください。" in refused.text
    assert "0012\n0013\n0014" in refused.text
    agent.post(f"/orders/{order.pk}/pieces/", form | {"serials": "0012\n0013"})

    page = agent.get(f"/orders/{order.pk}/").text
    assert page.count("ロット A7") == 2
    found = agent.get("/signals/?which=defects&q=0012").text
    assert "この番号で販売した品" in found
    assert ("保証は " in found, f"/orders/{order.pk}/" in found, "髙橋 美咲" in found) == (True, True, True)

    incident = reported(case, kettle.product)
    beside = supervisor.get(f"/incidents/{incident.pk}/").text
    assert "該当ロットの購入者" in beside
    assert ("シリアル番号 0013" in beside, "髙橋 美咲" in beside) == (True, True)
    file = supervisor.post(f"/incidents/{incident.pk}/buyers/")
    lines = file.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 3
    assert lines[1].startswith(f"A7,0013,南部鉄瓶,{order}")
    assert "misaki@home.example" in lines[1]
    assert lines[1].endswith(",")
    [told] = everything(Event, kind="order.buyers_taken")
    assert told.data == {"incident": incident.pk, "count": 2, "part": 1}
    assert [one.shown for one in everything(Look, user=world.ours.supervisor)] == [1]

    assert agent.post(f"/incidents/{incident.pk}/buyers/").status_code == 403
    assert len(everything(Event, kind="order.buyers_taken")) == 1

    with world.ours.scope():
        Customer.objects.filter(pk=case.customer_id).update(use_stopped_at=case.opened_at)
    monkeypatch.setattr(sold_pieces, "MOST_OF_FILE", 1)
    assert "全2分割の2番目を持ち出す（CSV）" in supervisor.get(f"/incidents/{incident.pk}/").text
    second = supervisor.post(f"/incidents/{incident.pk}/buyers/", {"part": 2})
    heads, *rows = second.content.decode("utf-8-sig").splitlines()
    assert heads.endswith(",利用停止中")
    assert [row.startswith("A7,0012,") and row.endswith(",利用停止中") for row in rows] == [True]
    for none in ("3", "0", "x"):
        assert supervisor.post(f"/incidents/{incident.pk}/buyers/", {"part": none}).status_code == 404
    assert [one.data["part"] for one in everything(Event, kind="order.buyers_taken")] == [1, 2]
    other = signed_in(world.theirs.supervisor)
    assert other.post(f"/incidents/{incident.pk}/buyers/").status_code == 404
    agent.post(f"/orders/{order.pk}/pieces/{everything(Piece)[0].pk}/")
    assert [one.serial for one in everything(Piece)] == ["0013"]
    page = agent.get(f"/orders/{order.pk}/").text
    undo = f"/orders/{order.pk}/pieces/?line={line.pk}&lot=A7&serials=0012"
    assert undo.replace("&", "&amp;") in page
    agent.post(undo)
    assert [(one.lot, one.serial) for one in everything(Piece)] == [("A7", "0013"), ("A7", "0012")]
