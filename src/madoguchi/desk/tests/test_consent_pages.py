"""What the customer of a case consents to, read and written down from the case."""

import pytest
from django.urls import reverse

from madoguchi.cases.factories import make_case
from madoguchi.customers.actions import stop_use_of, write_words
from madoguchi.customers.models import Consent
from madoguchi.desk.tests.conftest import signed_in
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


def test_an_agent_reads_the_words_out_and_writes_down_what_is_said(world: World) -> None:
    case = make_case(world.ours.entry_point)
    number = case.spoken_number(world.ours.company.prefix)
    address = reverse("desk:consents", args=[number])
    with world.ours.scope():
        lead = actor_of(world.ours.company_manager)
        write_words(world.ours.company.pk, purpose="offers", text="ご案内してよろしいですか。", by=lead)
    client = signed_in(world.ours.agent)
    assert address in client.get(reverse("desk:case", args=[number])).content.decode()
    assert "ご案内してよろしいですか。" in client.get(address).content.decode()

    wrong = client.post(address, {"given": "yes", "purpose": "offers", "how": "phone", "note": "毎月"})
    assert wrong.status_code == 422
    assert 'value="毎月"' in wrong.content.decode()
    said = {"given": "yes", "purpose": "offers", "ways": ["email", "line"], "how": "phone", "note": "毎月"}
    answer = client.post(address, said)

    assert answer.headers["Location"] == address
    page = client.get(address).content.decode()
    assert (page.count("広告・特典のご案内"), page.count("毎月")) == (5, 2)
    with world.ours.scope():
        kept = Consent.objects.order_by("pk").values_list("channel", "given", "words__version")
        assert list(kept) == [("email", True, 1), ("line", True, 1)]


def test_others_read_it_or_find_nothing_and_write_nothing(world: World) -> None:
    number = make_case(world.ours.entry_point).spoken_number(world.ours.company.prefix)
    address = reverse("desk:consents", args=[number])
    said = {"given": "no", "purpose": "offers", "ways": ["email"], "how": "phone"}

    reader = signed_in(world.ours.company_staff)
    assert reader.get(address).status_code == 200
    assert "<form" not in reader.get(address).content.decode().partition("<main")[2].partition("</main")[0]
    assert reader.post(address, said).status_code == 403
    assert signed_in(world.theirs.agent).post(address, said).status_code == 404
    with world.ours.scope():
        assert not Consent.objects.exists()


def test_a_declaration_is_never_chosen_beforehand(world: World) -> None:
    number = make_case(world.ours.entry_point).spoken_number(world.ours.company.prefix)
    address = reverse("desk:consents", args=[number])
    client = signed_in(world.ours.agent)

    form = (
        client.get(address).content.decode().partition('<form class="form card"')[2].partition("</form>")[0]
    )
    assert (form.count('type="radio"'), "checked" in form, "<select" in form) == (11, False, False)

    wrong = client.post(address, {"note": "毎月"})
    assert wrong.status_code == 422
    told = ["同意か拒否かを選んでください。", "目的を選んでください。", "方法を1つ以上選んでください。"]
    assert [words in wrong.content.decode() for words in told] == [True] * 3
    with world.ours.scope():
        assert not Consent.objects.exists()


def test_under_a_stop_no_way_stands_as_open_and_names_are_for_the_desk_alone(world: World) -> None:
    case = make_case(world.ours.entry_point)
    number = case.spoken_number(world.ours.company.prefix)
    address = reverse("desk:consents", args=[number])
    client = signed_in(world.ours.agent)
    said = {"given": "yes", "purpose": "offers", "ways": ["email"], "how": "phone"}
    client.post(address, said)
    name = world.ours.agent.name
    readers = [world.ours.supervisor, world.ours.company_staff, world.ours.company_manager]
    pages = [signed_in(who).get(address).content.decode() for who in readers]
    listed = [page.partition("<main")[2].rpartition('<ul class="plain stack tight"')[2] for page in pages]
    listed = [part.partition("</ul>")[0] for part in listed]
    assert [name in part for part in listed] == [True, False, False]

    with world.ours.scope():
        stop_use_of(case.customer, by=actor_of(world.ours.agent))
    page = client.get(address).content.decode()
    assert (page.count('class="tag warn"'), 'class="tag good">メール' in page) == (20, False)
    only = "対応中のご用件を終えるための連絡はできますが、それ以外には使えません。"
    only = f"このお客様の個人データは利用停止中です。{only}"
    assert only in page
    assert only in client.get(reverse("desk:case", args=[number])).content.decode()
    refused = client.post(address, said)
    assert (refused.status_code, "利用停止を取り下げ" in refused.content.decode()) == (422, True)
    with world.ours.scope():
        assert Consent.objects.count() == 1
