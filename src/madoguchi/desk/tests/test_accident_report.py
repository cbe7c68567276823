"""The report of a serious accident begins with what the case tells, and leaves blank what nobody knows."""

import hashlib
import io

import pypdf
import pytest
from django.test import Client

from madoguchi.cases.factories import say_again
from madoguchi.cases.models import Case
from madoguchi.commerce.factories import make_variant, order_of
from madoguchi.desk.tests.conftest import everything, signed_in
from madoguchi.infra.models import Event
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.signals.actions import Seen, raise_signal
from madoguchi.signals.duty import last_moment
from madoguchi.signals.grave import look_for_grave_words
from madoguchi.signals.models import Grave

pytestmark = pytest.mark.django_db


def day(moment: object) -> str:
    return f"{moment:%Y}年{moment.month}月{moment.day}日"  # type: ignore[attr-defined]


def test_it_tells_of_product_lot_and_words_and_when_it_was_known(
    world: World, case: Case, number: str, agent: Client
) -> None:
    said = say_again(
        case,
        text="南部鉄瓶から火が出て、全治三十日の火傷をしました。病院へ行きました。骨折はありません。お届けが遅い。",
    )
    kettle = make_variant(world.ours.company, code="NB-01", name="南部鉄瓶")
    order_of(case.customer_id, world.ours.desk.pk, (kettle, 2))
    with world.ours.scope():
        look_for_grave_words(said.pk)
        seen = Seen(kind="product", words="発火", product=kettle.product_id, lot="a7", serial="12")
        raise_signal(case, seen, by=actor_of(world.ours.agent))
    grave = next(one for one in everything(Grave) if one.message_id == said.pk)
    assert f"/grave/{grave.pk}/report/" in agent.get(f"/cases/{number}/raised/").text

    row = agent.get("/signals/?which=grave").text
    assert f"/grave/{grave.pk}/report/" in row
    assert "消安法35条の報告期限" in row

    answer = agent.get(f"/grave/{grave.pk}/report/")

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    pages = pypdf.PdfReader(io.BytesIO(answer.content)).pages
    words = "".join("".join(page.extract_text().split()) for page in pages)
    for one in (
        *(
            "重大製品事故報告書(下書き)",
            "ひなた衣料",
            number,
            "製品の名称南部鉄瓶",
            "NB-01",
            "ロットA7",
            "製造番号12",
        ),
        *(
            "2個(当システムの受注による)",
            "火が出て、全治三十日の火傷をしました。",
            "事故の原因講じた措置",
            "個人が分かる記載を取り除いて",
            "被害の程度やけど・病院・全治三十日(お申し出にある言葉",
        ),
        f"報告の期限{day(last_moment(said.at))}",
    ):
        assert one in words, one
    [taken] = everything(Event, kind="grave.report_taken")
    assert taken.data == {"grave": grave.pk, "sha256": hashlib.sha256(answer.content).hexdigest()}
    assert (taken.case_id, taken.actor_id) == (case.pk, world.ours.agent.pk)
    assert signed_in(world.theirs.agent).get(f"/grave/{grave.pk}/report/").status_code == 404
    assert len(everything(Event, kind="grave.report_taken")) == 1


def test_each_list_that_is_empty_says_what_would_stand_in_it(world: World) -> None:
    lists = ("incidents", "grave", "signals", "defects", "instructions")

    titles = [
        signed_in(world.ours.manager)
        .get(f"/signals/?which={one}")
        .text.partition('class="empty"')[2]
        .partition("<h2>")[2]
        for one in lists
    ]

    assert [title.partition("</h2>")[0] for title in titles] == [
        "兆候はありません",
        "重大な言葉はありません",
        "報告された兆候はありません",
        "不具合の報告はありません",
        "直接指示の疑いはありません",
    ]
