"""An order that came in writing: what the customer names is offered with how many, and put in by a press."""

import re

import pytest
from django.test import Client

from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Message
from madoguchi.commerce.factories import make_variant
from madoguchi.commerce.models import Order, Variant
from madoguchi.companies.models import Engagement
from madoguchi.customers.actions import change_customer
from madoguchi.desk.tests.conftest import MISAKI, counted, everything
from madoguchi.desk.tests.test_browsing import text
from madoguchi.desk.tests.test_order_pages import hidden
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
WRITTEN = """南部鉄瓶を2個と、宇治煎茶100gを三袋お願いします。
お名前: 髙橋 ひなの 様
お届け先: 〒604-8005 京都市中京区三条通1-2
電話: 090-1234-5678"""


@pytest.fixture
def goods(world: World) -> tuple[Variant, Variant]:
    company = world.ours.company
    kettle = make_variant(company, code="NB-01", name="南部鉄瓶", price=13_200)
    return kettle, make_variant(company, code="TEA-1", name="宇治煎茶 100g", price=1_080)


@pytest.fixture
def asked_for(world: World, goods: tuple[Variant, Variant]) -> Case:
    return make_case(world.ours.entry_point, sender=MISAKI, subject="注文", text=WRITTEN)


def at(case: Case, world: World) -> str:
    return f"/cases/{case.spoken_number(world.ours.company.prefix)}/order/"


def offered(page: str) -> list[tuple[str, str]]:
    """What the buttons beside the words say and send."""
    part = page.partition('class="asked"')[2].partition("</section>")[0]
    return re.findall(r'value="([^"]+)">(?:<svg.*?</svg>)?\s*<span>([^<]+)</span>', part, re.DOTALL)


def test_what_is_named_is_put_in_by_a_press_each(
    agent: Client, world: World, asked_for: Case, goods: tuple[Variant, Variant]
) -> None:
    kettle, tea = goods
    with counted() as cost:
        page = text(agent.get(at(asked_for, world)))
    place = "お届け先: 髙橋 ひなの 〒604-8005 京都市中京区三条通1-2 090-1234-5678"
    assert offered(page) == [
        (f"{kettle.pk}:2", "南部鉄瓶 × 2"),
        (f"{tea.pk}:3", "宇治煎茶 100g × 3"),
        ("their_place", place),
    ]
    assert "宇治煎茶100gを三袋お願いします。" in page
    assert (hidden(page)["piece"], hidden(page)["address"]) == ([], "")
    assert len([one for one in cost.queries if "regexp_replace" in one]) == 1

    page = text(agent.post(at(asked_for, world), hidden(page) | {"add": f"{kettle.pk}:2"}))
    page = text(agent.post(at(asked_for, world), hidden(page) | {"add": f"{tea.pk}:3"}))
    assert offered(page) == [("their_place", place)]
    page = text(agent.post(at(asked_for, world), hidden(page) | {"do": "their_place"}))

    assert offered(page) == []
    form = hidden(page)
    assert (form["piece"], form["count"]) == ([str(kettle.pk), str(tea.pk)], ["2", "3"])
    assert [form[name] for name in ("recipient", "postcode", "address", "phone")] == [
        "髙橋 ひなの",
        "604-8005",
        "京都市中京区三条通1-2",
        "090-1234-5678",
    ]
    assert everything(Order) == []


def test_what_is_kept_from_a_reader_is_offered_to_them_neither_in_words_nor_to_send_to(
    agent: Client, world: World, asked_for: Case
) -> None:
    with world.ours.scope():
        change_customer(asked_for.customer, address="京都市中京区三条通1-2", by=actor_of(world.ours.agent))
        Engagement.objects.filter(company=world.ours.company).update(hidden=["address", "phone"])

    page = text(agent.get(at(asked_for, world)))
    pressed = text(agent.post(at(asked_for, world), hidden(page) | {"do": "their_place"}))

    assert [name for _value, name in offered(page)] == ["南部鉄瓶 × 2", "宇治煎茶 100g × 3"]
    for shown in (page, pressed):
        assert ("三条通1-2" in shown, "090-1234-5678" in shown) == (False, False)


def test_the_address_that_stands_there_is_not_offered_again(
    agent: Client, world: World, asked_for: Case
) -> None:
    with world.ours.scope():
        change_customer(
            asked_for.customer, address="京都市中京区三条通１丁目２", by=actor_of(world.ours.agent)
        )

    assert "お届け先:" not in "".join(name for _v, name in offered(text(agent.get(at(asked_for, world)))))


def test_what_is_written_later_counts_and_what_is_said_on_the_phone_is_nobodys_writing(
    agent: Client, world: World, asked_for: Case, goods: tuple[Variant, Variant]
) -> None:
    say_again(asked_for, text="やはり南部鉄瓶は1個にします。")
    assert offered(text(agent.get(at(asked_for, world))))[0] == (f"{goods[0].pk}:1", "南部鉄瓶 × 1")
    with world.ours.scope():
        Message.objects.filter(case=asked_for).update(channel=Channel.PHONE)

    page = text(agent.get(at(asked_for, world)))
    assert ('class="asked"' in page, 'class="written"' in page) == (False, False)


def test_an_address_without_a_postcode_takes_the_place_of_one_with_it(
    agent: Client, world: World, goods: tuple[Variant, Variant]
) -> None:
    """What was typed for the other fields stays, and the postcode that belonged to another address goes."""
    case = make_case(
        world.ours.entry_point,
        sender=MISAKI,
        text="南部鉄瓶をください。\n東京都千代田区丸の内1-2-3 へ送ってください。",
    )
    form = hidden(text(agent.get(at(case, world))))
    typed = {"postcode": "604-8005", "address": "京都市中京区", "recipient": "伊藤 千尋", "note": "夕方"}

    put = hidden(text(agent.post(at(case, world), form | typed | {"do": "their_place"})))

    assert put["address"].startswith("東京都千代田区丸の内1-2-3")
    assert (put["postcode"], put["recipient"], put["note"]) == ("", "伊藤 千尋", "夕方")


@pytest.mark.parametrize(
    ("sent", "count"), [("{pk}:3", "3"), ("{pk}:0", "1"), ("{pk}:x", "1"), ("{pk}", "1")]
)
def test_so_many_are_put_in_as_the_button_says(
    agent: Client, world: World, asked_for: Case, goods: tuple[Variant, Variant], sent: str, count: str
) -> None:
    form = hidden(text(agent.get(at(asked_for, world))))

    put = hidden(text(agent.post(at(asked_for, world), form | {"add": sent.format(pk=goods[0].pk)})))

    assert (put["piece"], put["count"]) == ([str(goods[0].pk)], [count])
    assert everything(Order) == []


def test_what_of_an_address_was_not_read_or_may_be_a_name_is_said_and_a_missing_phone_before_it_is_taken(
    agent: Client, world: World, goods: tuple[Variant, Variant]
) -> None:
    said = "南部鉄瓶を1個ください。\n\n〒105-0014\n東京都港区芝1-2-3 小川\nサンライズ\n小川 由美"
    case = make_case(world.ours.entry_point, sender=MISAKI, text=said)
    page = text(agent.get(at(case, world)))
    doubt = page.partition('id="place-doubt"')[2].partition("</section>")[0]
    assert "住所に名前が入っているかもしれません" in doubt
    assert re.findall("<li>([^<]+)</li>", doubt) == ["サンライズ", "小川 由美"]

    typed = {"recipient": "小川 由美", "address": "東京都港区芝1-2-3", "phone": "", "do": "read"}
    goods_in = {"piece": [goods[0].pk], "count": ["1"], "payment": "on_delivery"}
    read = text(agent.post(at(case, world), hidden(page) | typed | goods_in))
    told = text(agent.post(at(case, world), hidden(page) | typed | goods_in | {"phone": "03(1234)5678"}))

    assert ("代金引換のため" in read, 'id="no-phone"' in told) == (True, False)
    assert "03-1234-5678" in told
    with world.ours.scope():
        Engagement.objects.filter(company=world.ours.company).update(masked=["name"])
    assert "their_place" not in [value for value, _name in offered(text(agent.get(at(case, world))))]
