"""Demands of customers on screen: written down, checked, put together, handed over; and who sees none of it."""

import io
import zipfile
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Role
from madoguchi.kernel.channel import Party
from madoguchi.people.factories import World, make_company_person
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from madoguchi.portal.own_data import MOST_WRONG
from madoguchi.rights.actions import release, start_disclosure
from madoguchi.rights.actions.working import work
from madoguchi.rights.factories import asked_for
from madoguchi.rights.links import link_of
from madoguchi.rights.models import Request, RetentionRule, RetentionRun

pytestmark = pytest.mark.django_db
Browser = Callable[[User], Client]
MISAKI = Party("misaki@home.example", "髙橋 美咲")


def page(client: Client, name: str, *args: object) -> str:
    return client.get(reverse(f"administration:{name}", args=args)).content.decode()


def made(world: World) -> Request:
    lead = actor_of(world.ours.company_manager)
    found = asked_for(make_case(world.ours.entry_point, sender=MISAKI).customer_id, "disclosure", by=lead)
    with world.ours.scope():
        start_disclosure(found, by=lead)
    work(found.pk, company=found.company_id)
    with world.ours.scope():
        return Request.objects.get(pk=found.pk)


def test_a_demand_goes_its_way_from_page_to_page(world: World, signed_in: Browser) -> None:
    make_case(world.ours.entry_point, sender=MISAKI)
    client = signed_in(world.ours.company_manager)
    said = {
        "company": world.ours.company.pk,
        "who": "Misaki@home.example",
        "kind": "disclosure",
        "asker": "person",
    }

    answer = client.post(reverse("administration:right_new"), said | {"words": "記録をください。"})

    with world.ours.scope():
        found = Request.objects.get()
    assert answer.headers["Location"] == reverse("administration:right", args=[found.pk])
    assert "記録をください。" in page(client, "right", found.pk)
    client.post(
        reverse("administration:right_check", args=[found.pk]), {"proof": "document", "note": "免許証"}
    )
    client.post(reverse("administration:right_act", args=[found.pk, "start"]))
    shown = page(client, "right", found.pk)
    assert 'hx-trigger="every 1s"' in shown
    assert 'role="progressbar"' in shown or "<progress" in shown
    work(found.pk, company=found.company_id)
    assert "/own-data/" not in page(client, "right", found.pk)
    customer, release_at = str(found.customer_id), reverse("administration:right_release", args=[found.pk])
    for short in ({"typed": "0"}, {"typed": customer}):
        assert client.post(release_at, short).status_code == 422
    client.post(release_at, {"typed": customer, "reason": "担当が一人"})
    assert "/own-data/" in page(client, "right", found.pk)
    client.post(reverse("administration:right_act", args=[found.pk, "hand_over"]))
    with world.ours.scope():
        assert Request.objects.get().state == "handed_over"
    assert "髙橋 美咲" in page(client, "rights")


def test_who_is_not_found_is_said_beside_the_field_and_nothing_is_written_down(
    world: World, signed_in: Browser
) -> None:
    make_case(world.theirs.entry_point, sender=MISAKI)
    client = signed_in(world.ours.company_manager)
    said = {"company": world.ours.company.pk, "who": MISAKI.address, "kind": "disclosure", "asker": "person"}

    answer = client.post(reverse("administration:right_new"), said | {"words": "私の記録"})

    assert answer.status_code == 422
    assert "該当するお客様がいないか" in answer.content.decode()
    assert "私の記録" in answer.content.decode()
    with world.ours.scope():
        assert list(Request.objects.all()) == []


def test_a_refusal_without_a_reason_is_none(world: World, signed_in: Browser) -> None:
    lead = actor_of(world.ours.company_manager)
    found = asked_for(make_case(world.ours.entry_point).customer_id, "disclosure", by=lead)
    client = signed_in(world.ours.company_manager)
    address = reverse("administration:right_refuse", args=[found.pk])

    answer = client.post(address, {"reason": ""})

    assert answer.status_code == 422
    assert '<details class="card" id="refuse" open>' in answer.content.decode()
    with world.ours.scope():
        assert Request.objects.get().state == "checked"
    client.post(address, {"reason": "対象の記録がありません。"})
    assert "対象の記録がありません。" in page(client, "right", found.pk)


def test_the_list_has_pages_and_states(world: World, signed_in: Browser) -> None:
    lead = actor_of(world.ours.company_manager)
    for number in range(51):
        sender = Party(f"c{number}@home.example", f"客 {number}")
        asked_for(
            make_case(world.ours.entry_point, sender=sender).customer_id, "disclosure", by=lead, checked=False
        )
    client = signed_in(world.ours.company_manager)

    assert "page=2" in page(client, "rights")
    only = client.get(reverse("administration:rights"), {"state": "made"}).content.decode()
    assert "客 50" in page(client, "rights")
    assert "客 50" not in only


def test_the_one_link_brings_the_file_and_each_time_is_written_down(world: World) -> None:
    found = made(world)
    with world.ours.scope():
        release(
            found, typed=str(found.customer_id), reason="一人です", by=actor_of(world.ours.company_manager)
        )
    address = link_of(found).partition("/own-data/")[2]
    stranger = Client()

    shown = stranger.get(f"/own-data/{address}")
    answer = stranger.get(f"/own-data/{address}file/")

    assert shown.status_code == 200
    assert shown.headers["X-Robots-Tag"].startswith("noindex")
    names = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))).namelist()
    assert names == ["開示書.pdf", "disclosure.json"]
    with world.ours.scope():
        events = list(Event.objects.filter(kind="disclosure.fetched").values_list("actor_kind", "data"))
        Request.objects.update(generation=found.generation + 1)
    assert events == [("customer", {"request": found.pk, "customer": found.customer_id})]
    assert stranger.get(f"/own-data/{address}file/").status_code == 404


def test_wrong_links_are_not_tried_without_end_and_close_the_right_one_to_nobody(world: World) -> None:
    found, stranger = made(world), Client()
    with world.ours.scope():
        lead = actor_of(world.ours.company_manager)
        release(found, typed=str(found.customer_id), reason="一人です", by=lead)
    address = f"/own-data/{link_of(found).partition('/own-data/')[2]}"
    wrong = f"/own-data/1d{found.pk}d1.forged/"

    with clock.held_at(clock.now()):
        tries = [stranger.get(wrong + "file/" * (n % 2)).status_code for n in range(MOST_WRONG + 2)]
        refused = stranger.get(wrong)
        right = [stranger.get(address).status_code, stranger.get(address + "file/").status_code]
        elsewhere = stranger.get(wrong, REMOTE_ADDR="203.0.113.9").status_code

    assert tries == [404] * MOST_WRONG + [429] * 2
    assert (refused.status_code, "<h1" in refused.content.decode()) == (429, True)

    assert (right, elsewhere) == ([200, 200], 404)
    with world.ours.scope():
        assert Event.objects.filter(kind="disclosure.fetched").count() == 1


def test_who_hands_it_over_may_download_it_too(world: World, signed_in: Browser) -> None:
    # given that who had it made may not while a colleague could look over it
    found, second = made(world), make_company_person(world.ours.company, Role.COMPANY_MANAGER)
    client, address = (
        signed_in(world.ours.company_manager),
        reverse("administration:right_file", args=[found.pk]),
    )
    assert "Content-Disposition" not in client.get(address).headers
    assert address not in page(client, "right", found.pk)
    with world.ours.scope():
        assert not Event.objects.filter(kind="disclosure.fetched").exists()
        release(found, by=actor_of(second))

    answer = client.get(address)

    assert answer.headers["Content-Disposition"] == f'attachment; filename="disclosure-{found.pk}.zip"'
    assert len(b"".join(answer.streaming_content)) == found.size
    with world.ours.scope():
        assert Event.objects.filter(kind="disclosure.fetched").get().actor_id == world.ours.company_manager.pk


def test_an_erasure_is_seen_beforehand_begun_by_a_typed_number_and_certified(
    world: World, signed_in: Browser
) -> None:
    lead = actor_of(world.ours.company_manager)
    case = make_case(world.ours.entry_point, sender=MISAKI)
    found = asked_for(case.customer_id, "erasure", by=lead)
    client = signed_in(world.ours.company_manager)
    address = reverse("administration:right_erase", args=[found.pk])
    number = case.spoken_number(world.ours.company.prefix)

    assert number in page(client, "right", found.pk)
    assert client.post(address, {"typed": str(case.customer_id)}).status_code == 422
    with world.ours.scope():
        Case.objects.update(status="closed")
    assert client.post(address, {"typed": "1"}).status_code == 422
    assert client.get(reverse("administration:right_certificate", args=[found.pk])).status_code == 404
    with world.ours.scope():
        assert Request.objects.get().state == "checked"
    client.post(address, {"typed": str(case.customer_id)})
    work(found.pk, company=found.company_id)

    paper = client.get(reverse("administration:right_certificate", args=[found.pk]))
    with world.ours.scope():
        done = Request.objects.get()
    assert (done.state, paper.content[:5]) == ("done", b"%PDF-")
    assert done.digest in page(client, "right", found.pk)
    assert "髙橋" not in page(client, "rights")


def test_parts_are_kept_back_on_the_page(world: World, signed_in: Browser) -> None:
    found = made(world)
    client = signed_in(world.ours.company_manager)
    address = reverse("administration:right_withhold", args=[found.pk])
    said = {"parts": ["memo"], "item": "1", "reason": "第三者の権利"}

    assert "社内メモ・引き継ぎ" in page(client, "right", found.pk)
    assert client.post(address, said | {"reason": ""}).status_code == 422
    client.post(address, said)
    work(found.pk, company=found.company_id)

    assert "第三者の権利" in page(client, "right", found.pk)
    with world.ours.scope():
        assert Request.objects.get().withheld == [{"part": "memo", "item": 1, "reason": "第三者の権利"}]


def test_a_stop_and_a_correction_go_their_way_on_the_page(world: World, signed_in: Browser) -> None:
    lead = actor_of(world.ours.company_manager)
    customer = make_case(world.ours.entry_point, sender=MISAKI).customer_id
    stop, wrong = (asked_for(customer, kind, by=lead) for kind in ("stop", "correction"))
    client = signed_in(world.ours.company_manager)

    client.post(reverse("administration:right_act", args=[stop.pk, "stop"]))
    assert "停止を取り下げる" in page(client, "right", stop.pk)
    assert "利用を停止しました" in page(client, "right", stop.pk)
    client.post(reverse("administration:right_act", args=[stop.pk, "resume"]))
    address = reverse("administration:right_correct", args=[wrong.pk])
    assert client.post(address, {"name": ""}).status_code == 422
    client.post(address, {"name": "高橋 美咲", "kana": "", "address": ""})

    shown = page(client, "right", wrong.pk)
    assert "<del>髙橋 美咲</del> → 高橋 美咲" in shown
    assert "お名前:高橋 美咲" in shown
    with world.ours.scope():
        assert list(Request.objects.order_by("pk").values_list("state", flat=True)) == ["lifted", "done"]


def test_words_of_consent_are_written_on_the_page(world: World, signed_in: Browser) -> None:
    client = signed_in(world.ours.company_manager)
    address = reverse("administration:consent_words_new")
    said = {"company": world.ours.company.pk, "purpose": "offers", "text": "ご案内してよろしいですか。"}

    assert client.post(address, said | {"text": ""}).status_code == 422
    client.post(address, said)

    assert "ご案内してよろしいですか。" in page(client, "consent_words_new")
    assert "ご案内してよろしいですか。" not in page(
        signed_in(world.theirs.company_manager), "consent_words_new"
    )


def test_a_rule_of_retention_is_written_by_one_and_switched_on_by_another(
    world: World, signed_in: Browser
) -> None:
    second = make_company_person(world.ours.company, Role.COMPANY_MANAGER)
    one, other = signed_in(world.ours.company_manager), signed_in(second)
    address = reverse("administration:retention_new")
    said = {"company": world.ours.company.pk, "kind": "words", "months": "12"}
    assert one.post(address, said | {"months": "0"}).status_code == 422
    one.post(address, said)
    with world.ours.scope():
        rule = RetentionRule.objects.get()
    switch = reverse("administration:retention_act", args=[rule.pk, "on"])

    assert switch not in page(one, "retention_new")
    assert one.post(switch, {"months": "12"}).status_code == 422
    assert switch in page(other, "retention_new")
    other.post(switch, {"months": "12"})
    assert "今すぐ実行する" in page(one, "retention_new")
    one.post(reverse("administration:retention_act", args=[rule.pk, "run"]))
    assert 'hx-trigger="every 2s"' in page(one, "retention_new")
    one.post(reverse("administration:retention_act", args=[rule.pk, "stop"]))
    one.post(reverse("administration:retention_act", args=[rule.pk, "off"]))

    assert one.post(reverse("administration:retention_act", args=[rule.pk, "drop"])).status_code == 404
    with world.ours.scope():
        assert (RetentionRule.objects.get().is_on, RetentionRun.objects.get().state) == (False, "cancelled")
