"""The paper of a disclosure tells, as people read it, what stands in every table about somebody."""

import io
from datetime import datetime, timedelta

import pypdf
import pytest
from django.utils import translation

from madoguchi.cases.factories import make_case
from madoguchi.commerce.factories import make_subscription, order_of
from madoguchi.commerce.models import Return, Solicitation, Variant
from madoguchi.complaints.actions import Written, make_complaint
from madoguchi.customers.actions import Said, write_consent, write_note
from madoguchi.customers.models import Unmasking
from madoguchi.kernel import clock
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.reservations.actions import hold
from madoguchi.reservations.factories import at, make_resource, make_store
from madoguchi.rights.collecting import collected
from madoguchi.rights.paper import as_pdf, disclosure
from madoguchi.rights.person import Person
from madoguchi.signals.actions import Seen, raise_signal

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 9, 1, 10, tzinfo=clock.TOKYO)


def test_the_paper_names_what_was_reserved_ordered_said_and_shown(world: World) -> None:
    case, agent = make_case(world.ours.entry_point), actor_of(world.ours.agent)
    resource = make_resource(make_store(world.ours.company), name="採寸")
    order = order_of(case.customer_id, world.ours.desk.pk, case=case.pk)
    make_subscription(order)
    with world.ours.scope(), clock.held_at(DAY - timedelta(days=3)):
        hold(
            case.customer,
            resource,
            at(DAY, note="車いすで来店"),
            desk=world.ours.desk,
            case=case.pk,
            by=agent,
        )
        Return.objects.create(
            company=case.company, order=order, number=1, reason="defect", note="蓋が割れた", asked_at=DAY
        )
        said = {"order": order, "outside": ["替えの蓋"], "duties": ["name"], "papers_due": DAY.date()}
        Solicitation.objects.create(company=case.company, at=DAY, **said)
        write_consent(
            case.customer, Said(purpose="offers", ways=("phone",), given=False, how="phone"), by=agent
        )
        write_note(case.customer, kind="wish", text="昼は留守", by=agent)
        make_complaint(case, Written(facts="二度届かない", severity=2, due_at=DAY), by=agent)
        product = Variant.objects.get().product_id
        raise_signal(
            case,
            Seen(kind="product", words="取っ手が熱い", product=product, lot="L-7", serial="S-9"),
            by=agent,
        )
        seen = {"customer_id": case.customer_id, "user": world.ours.agent, "field": "phone", "at": DAY}
        Unmasking.objects.create(company=case.company, reason="折り返すため", until=DAY, **seen)

    with world.ours.scope(), translation.override("en"):
        told, _files = collected(Person(case.customer))

    words = "".join(
        "".join(page.extract_text().split())
        for page in pypdf.PdfReader(io.BytesIO(as_pdf(disclosure(told)))).pages
    )
    for one in (
        *("ご予約", "銀座店採寸", "2026年9月1日10:00", "車いすで来店"),
        *("定期購入", "南部鉄瓶", "配送・返品・返金", "蓋が割れた", "不良品", order.spoken_number),
        *("電話勧誘販売", "替えの蓋", "同意の記録", "広告", "いいえ", "昼は留守", "二度届かない"),
        *("取っ手が熱い", "L-7", "S-9", "伏せていた項目を表示した記録", "電話番号", "折り返すため"),
    ):
        assert one in words, one
    assert world.ours.agent.name not in words
