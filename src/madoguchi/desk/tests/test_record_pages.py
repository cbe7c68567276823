"""The record of a customer: changed on one page beside the case, found by what it says, kept from whom it is."""

import pytest
from django.test import Client

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.companies.models import Engagement
from madoguchi.customers.actions import change_customer, know_place
from madoguchi.customers.factories import make_customer, make_identity
from madoguchi.customers.models import Customer, PostalAddress
from madoguchi.customers.queries import view_of
from madoguchi.desk.one_person import found, likely
from madoguchi.desk.tests.conftest import signed_in
from madoguchi.desk.tests.test_browsing import text
from madoguchi.desk.tests.test_knowing_pages import main_of
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import Party
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.identity import IdentityKind
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.search.factories import index_everything

pytestmark = pytest.mark.django_db


def read(page: str) -> dict[str, str]:
    """The form as a browser would send it back untouched."""
    mark = page.partition('name="as_read" value="')[2].partition('"')[0]
    return {"as_read": mark}


def customer_of(case: Case) -> Customer:
    return Customer.objects.get(pk=case.customer_id)


def test_it_is_changed_and_stands_beside_the_case(
    agent: Client, world: World, case: Case, number: str
) -> None:
    at = f"/cases/{number}/record/"
    beside, page = text(agent.get(f"/cases/{number}/")), text(agent.get(at))
    assert at in beside
    with world.ours.scope():
        before = view_of(customer_of(case), actor=actor_of(world.ours.agent))
    said = read(page) | {
        "name": "佐藤 花子",
        "keep_name": "on",
        "kana": before.kana,
        "members": "M-001234",
        "emails": "\n".join(before.emails),
        "phones": "",
        "address": "〒106-0032 東京都港区六本木1丁目2番3号",
        "places": "横浜市西区4-5-6 青葉荘201",
    }

    done = agent.post(at, said, follow=True)

    with world.ours.scope():
        now = view_of(customer_of(case), actor=actor_of(world.ours.agent))
    assert (now.name, now.former_names, now.members) == ("佐藤 花子", (before.name,), ("M-001234",))
    assert (now.address, now.emails) == ("〒106-0032 東京都港区六本木1丁目2番3号", before.emails)
    with world.ours.scope():
        assert [one.written for one in PostalAddress.objects.all()] == ["横浜市西区4-5-6 青葉荘201"]
    sure = text(agent.get(f"/cases/{number}/addresses/"))
    assert ("横浜市西区4-5-6 青葉荘201" in sure, "お客様の申告" in sure) == (True, True)
    shown = text(done)
    assert ("お客様の記録を保存しました。" in shown, "M-001234" in shown, f"旧 {before.name}" in shown) == (
        True,
    ) * 3


def test_what_somebody_else_wrote_meanwhile_is_not_undone(
    agent: Client, world: World, case: Case, number: str
) -> None:
    at = f"/cases/{number}/record/"
    said = read(text(agent.get(at))) | {"name": "後の人", "emails": "x@mail.example"}
    with world.ours.scope():
        change_customer(customer_of(case), name="先の人", by=actor_of(world.ours.agent))

    answer = agent.post(at, said)

    assert (answer.status_code, "ほかの人がこの記録を変更しました" in text(answer)) == (422, True)
    assert "後の人" in text(answer)
    with world.ours.scope():
        assert customer_of(case).name == "先の人"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"emails": "これは違う"}, "メールアドレスではありません"),
        ({"members": "・・"}, "文字か数字"),
        ({"former_names": "\n".join("甲乙丙丁戊己庚辛壬癸子")}, "10件まで"),
        ({"places": "横浜市西区"}, "番地がありません"),
        ({"phones": "4111 1111 1111 1111"}, "カード番号"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_changes(
    agent: Client, world: World, case: Case, number: str, wrong: dict[str, str], words: str
) -> None:
    at = f"/cases/{number}/record/"
    with world.ours.scope():
        before = view_of(customer_of(case), actor=actor_of(world.ours.agent))
    said = read(text(agent.get(at))) | {"name": "変えたい名前", "emails": "\n".join(before.emails)} | wrong

    answer = agent.post(at, said)

    assert (answer.status_code, words in main_of(answer), "変えたい名前" in main_of(answer)) == (
        422,
        True,
        True,
    )
    with world.ours.scope():
        assert view_of(customer_of(case), actor=actor_of(world.ours.agent)) == before


def test_who_is_kept_from_a_field_changes_the_others_alone(world: World, case: Case, number: str) -> None:
    with world.ours.scope():
        make_identity(customer_of(case), IdentityKind.MEMBER, "M-5555")
        Engagement.objects.update(masked=["member", "email"], hidden=["address"])
        before = [(i.kind, i.written) for i in customer_of(case).identities.order_by("pk")]
    agent = signed_in(world.ours.agent)
    at = f"/cases/{number}/record/"
    page = text(agent.get(at))
    assert ('name="members"' in page, 'name="emails"' in page, 'name="address"' in page) == (
        False,
        False,
        False,
    )
    assert "M-5555" not in text(agent.get(f"/cases/{number}/"))

    answer = agent.post(at, read(page) | {"name": "新しい名前", "members": "M-1", "address": "どこか"})

    assert answer.status_code == 302
    with world.ours.scope():
        row = customer_of(case)
        assert (row.name, row.address) == ("新しい名前", "")
        assert [(i.kind, i.written) for i in row.identities.order_by("pk")] == before


def test_the_company_and_strangers_change_nothing(world: World, case: Case, number: str) -> None:
    at = f"/cases/{number}/record/"
    with world.ours.scope():
        before = customer_of(case).name

    reader = signed_in(world.ours.company_staff).post(at, {"name": "x"})
    stranger = signed_in(world.theirs.agent).post(at, {"name": "x"})

    assert (reader.status_code in (403, 404), stranger.status_code) == (True, 404)
    with world.ours.scope():
        assert customer_of(case).name == before


def test_search_and_candidates_find_by_all_of_it(agent: Client, world: World) -> None:
    by = actor_of(world.ours.agent)
    one = make_case(world.ours.entry_point, sender=Party("hanako@home.example", "佐藤 花子"))
    other = make_case(world.ours.entry_point, sender=Party("work@firm.example", "鈴木花子"))
    with world.ours.scope():
        change_customer(customer_of(one), former_names="鈴木 花子", address="港区1丁目2番3号", by=by)
        change_customer(customer_of(other), address="〒106-0032 港区１－２－３", by=by)
        make_identity(customer_of(one), IdentityKind.MEMBER, "000123456")
        make_identity(customer_of(other), IdentityKind.MEMBER, "A-123456")
    index_everything()

    with world.ours.scope():
        [record] = likely(customer_of(one), actor=by)
        assert (record.person.id, record.score) == (other.customer_id, 100)
        assert record.reasons == [
            "旧姓・以前の名称と一致",
            "会員番号が先頭の0や英字を除いて同じ",
            "住所が同じ",
        ]
        for words in ("a123456", "Ａー１２３４５６"):
            assert [r.person.id for r in found(words, beside=customer_of(one), actor=by)] == [
                other.customer_id
            ]
        assert [r.person.id for r in found("鈴木花子", beside=customer_of(other), actor=by)] == [
            one.customer_id
        ]
        with pytest.raises(Refused, match="会員番号"):
            found("M-999", beside=customer_of(one), actor=by)
    for words, who in (("000123456", "佐藤"), ("港区1-2-3", "佐藤"), ("鈴木花子", "佐藤")):
        assert who in text(agent.get("/cases/", {"q": words}))


def test_who_had_goods_sent_to_the_same_house_is_likely_and_found_by_it(world: World, case: Case) -> None:
    by, agent = system("test"), actor_of(world.ours.agent)
    other = make_case(world.ours.entry_point, sender=Party("second@home.example", "タカハシ"))
    far = make_case(world.ours.entry_point, sender=Party("third@home.example", "別の 人"))
    with world.ours.scope():
        Customer.objects.filter(pk__in=[case.customer_id, other.customer_id]).update(kana="たかはし")
        change_customer(customer_of(case), address="横浜市西区4-5-6 青葉荘201", by=agent)
        for each in (other, far):
            know_place(
                each.customer_id, written="横浜市西区４丁目５番６号", how=PostalAddress.How.SENT, by=by
            )
        index_everything()

        # A house alone is shared by a household; with the reading it may be one person.
        [near] = likely(customer_of(case), actor=agent)
        assert (near.person.id, near.score) == (other.customer_id, 50)
        assert near.reasons == ["住まいかお届け先が同じ", "よみがなが同じ"]
        [back] = likely(customer_of(other), actor=agent)
        assert (back.person.id, back.score) == (case.customer_id, 50)
        # A stranger's record is never compared: the house is that of one company's customers.
        with world.theirs.scope():
            theirs = make_customer(world.theirs.company)
            know_place(theirs.pk, written="横浜市西区4-5-6", how=PostalAddress.How.SENT, by=by)
        assert [one.person.id for one in likely(customer_of(case), actor=agent)] == [other.customer_id]


def test_where_goods_went_is_searched_and_shown_as_a_hit(world: World, case: Case, number: str) -> None:
    with world.ours.scope():
        written = "横浜市西区4-5-6 青葉荘201"
        know_place(case.customer_id, written=written, how=PostalAddress.How.SENT, by=system("test"))
        index_everything()
    seen = text(signed_in(world.ours.agent).get("/cases/", {"q": "青葉荘"}))
    assert (number in seen, "青葉荘" in seen) == (True, True)

    with world.ours.scope():
        Engagement.objects.update(masked=["address"])
    kept = text(signed_in(world.ours.agent).get("/cases/", {"q": "青葉荘"}))

    assert number not in kept
