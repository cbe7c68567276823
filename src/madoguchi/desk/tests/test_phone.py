"""The phone in the browser as its page shows it: ready, ringing, on a call, wrapping up."""

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from madoguchi.cases.actions import add_note, change_status
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Message, Note, Status
from madoguchi.channels.phone.actions import announce, finish
from madoguchi.commerce.factories import make_variant
from madoguchi.commerce.models import Stock
from madoguchi.companies.factories import make_desk, make_entry_point
from madoguchi.companies.models import Desk, EntryPoint
from madoguchi.customers.actions import belong, belong_to_new
from madoguchi.customers.factories import make_customer
from madoguchi.desk.tests.conftest import HTMX, signed_in
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import Channel, Party
from madoguchi.kernel.identity import written_phone
from madoguchi.knowledge.actions import Said, Settings, add_article
from madoguchi.knowledge.factories import approve
from madoguchi.knowledge.models import Article
from madoguchi.people.factories import World, make_operator_person
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from madoguchi.promises.models import Promise
from madoguchi.reservations.factories import make_store
from madoguchi.routing.actions import set_presence
from madoguchi.routing.models import State
from madoguchi.scripts.numbers import set_script
from madoguchi.search.factories import index_everything
from madoguchi.voice.actions import Begun, Over, begin_call, end_call, note_waits
from madoguchi.voice.logic import By, Outcome
from madoguchi.voice.models import AgentPhone, Call, PlannedCall
from madoguchi.voice.outgoing import take_plan
from madoguchi.voice.phones import (
    HEARD_WITHIN,
    answer_call,
    give_answer,
    let_go,
    note_connected,
    set_ready,
    take_phone,
)
from madoguchi.voice.products import set_product

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 29, 3, tzinfo=UTC)
CALL = "c1"


@pytest.fixture
def number(world: World) -> Iterator[EntryPoint]:
    """A number of our desk, and a call that waits there."""
    point = make_entry_point(world.ours.desk, kind=Channel.PHONE)
    with scope.acting_for([point.company_id]):
        begin_call(point, Begun(uid=CALL, caller="+819012345678", flow=0, at=NOON))
        yield point


def ring(number: EntryPoint, user: User) -> None:
    """The call rings at somebody, and its case is there."""
    set_ready(ready=True, by=actor_of(user))
    assert take_phone(desk=number.desk_id, company=number.company_id, call=CALL, person=user.pk) == user.pk
    announce(CALL, company=number.company_id, person=user.pk)


def shown(browser: Client) -> str:
    return browser.get("/phone/panel/").text


def state(user: User) -> str:
    return AgentPhone.objects.get(user=user).state


def test_at_first_one_takes_no_calls_and_then_some(agent: Client, world: World) -> None:
    assert 'data-state="away"' in agent.get("/phone/").text

    answer = agent.post("/phone/ready/", {"ready": "yes"}, headers=HTMX)

    assert 'data-state="ready"' in answer.text
    assert state(world.ours.agent) == "ready"
    assert agent.post("/phone/ready/", {"ready": "no"}).headers["Location"] == "/phone/"
    assert state(world.ours.agent) == "away"


def test_the_phone_says_why_it_does_not_ring_while_its_owner_is_absent(agent: Client, world: World) -> None:
    assert "電話：受けない" in shown(agent)
    agent.post("/phone/ready/", {"ready": "yes"})
    assert "電話：受ける" in shown(agent)
    assert "電話は鳴りません" not in shown(agent)

    with world.ours.scope():
        set_presence(State.AWAY, by=actor_of(world.ours.agent))

    assert "離席のため、電話は鳴りません。対応可に戻すと（P）鳴ります。" in shown(agent)
    with world.ours.scope():
        set_presence(State.AVAILABLE, by=actor_of(world.ours.agent))
    assert "電話は鳴りません" not in shown(agent)


@pytest.mark.parametrize("address", ["/phone/", "/phone/panel/", "/phone/sound/"])
def test_looking_at_a_phone_writes_nothing(agent: Client, address: str) -> None:
    assert agent.get(address).status_code == 200

    assert not AgentPhone.objects.exists()


def test_what_was_chosen_and_tried_before_is_seen_before_the_call_is_answered(
    agent: Client, number: EntryPoint, world: World
) -> None:
    with clock.held_at(NOON):
        finish(
            CALL,
            Over(outcome=Outcome.REJECTED, ended_by=By.US, answered_at=None, ended_at=NOON),
            company=number.company_id,
        )
    with clock.held_at(NOON + timedelta(minutes=5)):
        begin_call(number, Begun(uid="c2", caller="+819012345678", flow=0, at=clock.now()))
        note_waits("c2", "queue", since=clock.now(), purpose="ご注文")
        set_ready(ready=True, by=actor_of(world.ours.agent))
        take_phone(desk=number.desk_id, company=number.company_id, call="c2")
        announce("c2", company=number.company_id, person=world.ours.agent.pk)
        with CaptureQueriesContext(connection) as asked:
            page = " ".join(shown(agent).split())
        looked = [one for one in asked.captured_queries if '"voice_call"."caller" = ' in one["sql"]]
        listed = agent.get("/calls/").text

    assert "<dt>メニューでのご選択</dt><dd><b>ご注文</b></dd>" in page
    assert "2回目" in page
    assert f"{number.desk.name} · 受けられなかった" in page
    assert '<span class="tag">2回目</span>' in listed
    assert len(looked) == 1


def test_keys_are_sent_in_a_talk_alone_and_are_kept_nowhere(
    agent: Client, number: EntryPoint, world: World
) -> None:
    ring(number, world.ours.agent)
    assert agent.post("/phone/act/", {"what": "press", "keys": "12#"}).status_code == 409
    answer_call(offer="v=0", by=actor_of(world.ours.agent))
    note_connected(CALL, world.ours.agent.pk)

    assert "data-phone-keys" in shown(agent)
    sent = agent.post("/phone/act/", {"what": "press", "keys": "12#"}, headers=HTMX)
    refused = agent.post("/phone/act/", {"what": "press", "keys": "abc"}, headers=HTMX)

    assert (sent.status_code, refused.status_code) == (200, 422)
    assert "12#" not in str(
        [*Event.objects.values_list("data", flat=True), *Call.objects.values_list("keys", flat=True)]
    )


def test_a_call_that_rings_shows_who_calls_and_their_case(
    agent: Client, number: EntryPoint, world: World
) -> None:
    ring(number, world.ours.agent)
    case = Message.objects.get(pk=Call.objects.get().message_id).case
    add_note(case, text="折り返しの約束あり", by=actor_of(world.ours.supervisor))

    page = shown(agent)

    written = case.spoken_number(case.company.prefix)
    for words in (
        'data-state="ringing"',
        "090-1234-5678",
        written,
        "折り返しの約束あり",
        "電話に出る",
        "今は出ない",
    ):
        assert words in page


def test_whoever_is_rung_reads_how_the_desk_greets(agent: Client, number: EntryPoint, world: World) -> None:
    Desk.objects.filter(pk=number.desk_id).update(greeting="修理センターでございます。")

    ring(number, world.ours.agent)

    assert '<dt>名乗り</dt><dd class="say">修理センターでございます。</dd>' in shown(agent)


def test_who_may_not_see_numbers_is_not_shown_one(agent: Client, number: EntryPoint, world: World) -> None:
    engagement = world.ours.engagement
    type(engagement).objects.filter(pk=engagement.pk).update(hidden=["phone"])
    ring(number, world.ours.agent)

    page = shown(agent)

    assert 'data-state="ringing"' in page
    assert "1234-5678" not in page


def test_sound_is_offered_and_answered(agent: Client, number: EntryPoint, world: World) -> None:
    ring(number, world.ours.agent)
    assert agent.get("/phone/sound/").json() == {"answer": ""}

    assert agent.post("/phone/answer/", {"offer": "v=0"}).status_code == 204
    give_answer(world.ours.agent.pk, call=CALL, sdp="answered")

    assert agent.get("/phone/sound/").json() == {"answer": "answered"}
    assert 'data-state="talking"' in shown(agent)
    assert 'data-connected="no"' in shown(agent)
    note_connected(CALL, world.ours.agent.pk)
    assert 'data-connected="yes"' in shown(agent)


def talking(agent: Client, number: EntryPoint, user: User) -> None:
    ring(number, user)
    agent.post("/phone/answer/", {"offer": "v=0"})
    note_connected(CALL, user.pk)


def test_what_may_be_done_on_a_call(agent: Client, number: EntryPoint, world: World) -> None:
    talking(agent, number, world.ours.agent)

    assert "保留中" in agent.post("/phone/act/", {"what": "hold"}, headers=HTMX).text
    assert "保留を解除" in shown(agent)
    assert "保留中" not in agent.post("/phone/act/", {"what": "resume"}, headers=HTMX).text
    assert "録音停止中" in agent.post("/phone/act/", {"what": "pause"}, headers=HTMX).text
    assert agent.post("/phone/act/", {"what": "explode"}, headers=HTMX).status_code == 200
    assert agent.post("/phone/act/", {"what": "decline"}, headers=HTMX).status_code == 409
    assert state(world.ours.agent) == "talking"


def test_while_a_page_asks_for_a_payment_the_call_is_not_recorded_and_a_pause_by_hand_stays(
    agent: Client, number: EntryPoint, world: World
) -> None:
    def told(on: str) -> tuple[bool, bool]:
        done = agent.post("/phone/secret/", {"on": on}).json()["done"]
        return done, AgentPhone.objects.filter(user=world.ours.agent, secret=True).exists()

    assert told("yes") == (False, False)  # nobody calls
    talking(agent, number, world.ours.agent)

    assert (told("yes"), told("yes"), told("no")) == ((True, True), (False, True), (True, False))
    agent.post("/phone/act/", {"what": "pause"})
    assert told("yes") == (False, True)


def test_a_call_is_handed_on_to_who_is_free_or_to_another_desk(
    agent: Client, number: EntryPoint, world: World
) -> None:
    talking(agent, number, world.ours.agent)
    # Nobody is free, and there is no other desk that one works at.
    assert 'disabled aria-describedby="nobody-free">電話を転送する' in shown(agent)
    assert "手の空いている同僚がいません" in shown(agent)
    assert "<span data-phone-off hidden>マイクを入れる</span>" in shown(agent)
    assert "data-phone-off hidden>マイクは切れています" in shown(agent)
    set_ready(ready=True, by=actor_of(world.ours.supervisor))
    colleague = f"person-{world.ours.supervisor.pk}"
    assert f'<option value="{colleague}">' in shown(agent)
    assert "nobody-free" not in shown(agent)

    given = {"to": colleague, "summary": "返品のご相談"}
    assert agent.post("/phone/transfer/", given, headers=HTMX).status_code == 200

    assert Note.objects.get().text == "要約: 返品のご相談"
    for to in ("", "person-x", f"desk-{world.theirs.desk.pk}", f"person-{10**30}"):
        assert agent.post("/phone/transfer/", given | {"to": to}, headers=HTMX).status_code == 404
    assert Note.objects.count() == 1


def test_who_is_rung_sees_which_product_the_number_is_for(
    agent: Client, number: EntryPoint, world: World
) -> None:
    make_variant(world.ours.company, name="南部鉄瓶 <大>", code="T-9")
    assert "南部鉄瓶" not in shown(agent)
    set_product(number, "T-9", by=system("test"))
    begin_call(number, Begun(uid="c2", caller="", flow=0, at=NOON))
    set_ready(ready=True, by=actor_of(world.ours.agent))
    where = {"desk": number.desk_id, "company": number.company_id, "person": world.ours.agent.pk}
    take_phone(**where, call="c2")
    assert "<dd>南部鉄瓶 &lt;大&gt;</dd>" in shown(agent)

    announce("c2", company=number.company_id, person=world.ours.agent.pk)

    found = re.search(r'<a href="([^"]+)" target="madoguchi-case">南部鉄瓶 &lt;大&gt;</a>', shown(agent))
    assert found is not None
    assert "T-9" in agent.get(html.unescape(found[1])).text


def test_a_directory_tells_who_can_be_reached_and_a_slip_begins_with_who_called(
    agent: Client, number: EntryPoint, world: World
) -> None:
    ring(number, world.ours.agent)

    page = shown(agent)
    away = re.search(r"<b>([^<]+)</b> <span class=\"tag \">不在</span>", page)
    assert away is not None
    assert (away[1], world.ours.agent.name in page) == (world.ours.supervisor.name, False)
    set_ready(ready=True, by=actor_of(world.ours.supervisor))
    assert f'<b>{world.ours.supervisor.name}</b> <span class="tag good">電話：受ける</span>' in shown(agent)
    set_presence(State.BREAK, by=actor_of(world.ours.supervisor))
    assert ("不在" in shown(agent), "休憩" in shown(agent)) == (True, False)
    User.objects.filter(pk=world.ours.supervisor.pk).update(kana="まつだ")
    for name, kana in (("渡辺 花", "わたなべ はな"), ("阿部 健", "あべ けん"), ("安藤", "あんどう")):
        person = make_operator_person(world.ours.operator, seats=(world.ours.engagement,), name=name)
        User.objects.filter(pk=person.pk).update(kana=kana)
    listed = re.findall(r'<li data-reading="([^"]*)"><b>', shown(agent))
    assert listed == ["あべ けん", "あんどう", "さとう はなこ", "まつだ", "わたなべ はな"]
    assert 'data-filter="#directory-people"' in shown(agent)

    found = re.search(r'<a href="(/cases/[^"]+/raised/\?form=slip)" target="madoguchi-case">', shown(agent))
    assert found is not None
    slip = agent.get(found[1]).text
    assert 'name="call_back" value="090-1234-5678"' in slip
    finish(
        CALL,
        Over(outcome=Outcome.SHORT, ended_by=None, answered_at=None, ended_at=NOON),
        company=number.company_id,
    )
    assert 'name="call_back" value=""' in agent.get(found[1]).text


def test_who_is_rung_sees_the_number_its_store_and_how_it_does_today(
    agent: Client, number: EntryPoint, world: World
) -> None:
    assert "店舗" not in shown(agent)
    EntryPoint.objects.filter(pk=number.pk).update(medium="折込チラシ <春>")
    store = make_store(world.ours.company, entry_point=number)
    pot = make_variant(world.ours.company, name="南部鉄瓶", code="T-9", stock=7)
    Stock.objects.create(company=world.ours.company, variant=pot, place=store.name, quantity=2)
    gone = Over(outcome=Outcome.ABANDONED, ended_by=None, answered_at=NOON, ended_at=NOON)
    with clock.held_at(NOON):
        begin_call(number, Begun(uid="c0", caller="", flow=0, at=NOON - timedelta(days=1)))
        begin_call(number, Begun(uid="c2", caller="", flow=0, at=NOON))
        end_call("c2", gone)
        ring(number, world.ours.agent)
        page = shown(agent)

    called = f"<dd>{written_phone(number.address)} <span class="
    for words in (called, "折込チラシ &lt;春&gt;", "本日：着信 2 件、通話 0 件、放棄 1 件", "<b>銀座店</b>"):
        assert words in page
    assert ("営業中" in page, "10:00-18:00" in page) == (True, True)
    with clock.held_at(NOON + timedelta(hours=9)):
        assert "営業時間外" in shown(agent)
    found = re.search(r'<a href="(/cases/[^"]+/goods/)" target="madoguchi-case">', page)
    assert found is not None
    assert "銀座店: 2</span>" in agent.get(found[1], {"find": "鉄瓶"}).text
    assert "銀座店の在庫" in agent.get(found[1], {"v": [pot.pk]}).text


def test_who_is_rung_sees_how_callers_of_the_number_are_spoken_with(
    agent: Client, number: EntryPoint, world: World
) -> None:
    by, said = (
        actor_of(world.ours.company_manager),
        Said("銀座店の受付", "銀座店でございます。\n- 在庫\n  確認いたします。"),
    )
    script = add_article(
        world.ours.company, said, Settings(audience="operator"), kind=Article.Kind.SCRIPT, by=by
    )
    set_script(number, approve(script, by=by).pk, by=by)
    ring(number, world.ours.agent)

    page = shown(agent)
    assert "トークスクリプト: 銀座店の受付</h2><p>銀座店でございます。</p>" in page
    begins = re.search(
        r'action="(/cases/[^"]+/script/)begin/" target="madoguchi-case".*?value="(\d+)"', page, re.S
    )
    assert begins is not None
    assert "着信番号用" in agent.get(begins[1]).text
    assert agent.post(f"{begins[1]}begin/", {"to": begins[2]}).headers["Location"] == begins[1]
    assert f'<a href="{begins[1]}" target="madoguchi-case">スクリプトを続ける</a>' in shown(agent)
    Call.objects.update(direction=Call.Direction.OUTBOUND)
    assert "銀座店の受付" not in shown(agent)


def test_another_desk_of_the_company_is_offered_to_who_works_there(number: EntryPoint, world: World) -> None:
    other = make_desk(world.ours.company, name="返品窓口")
    manager = signed_in(world.ours.supervisor)
    talking(manager, number, world.ours.supervisor)

    assert f'<option value="desk-{other.pk}">' not in shown(manager)


def test_a_call_that_is_not_seen_any_more_sets_its_operator_free(
    agent: Client, number: EntryPoint, world: World
) -> None:
    AgentPhone.objects.create(
        user=world.ours.agent, state="wrapping", call="elsewhere", since=clock.now(), seen_at=clock.now()
    )

    told = agent.post("/phone/wrap-up/", {"code": "solved", "summary": "済み", "then": "away"}, headers=HTMX)

    assert told.status_code == 409
    assert state(world.ours.agent) == "away"


def test_a_call_is_wrapped_up(agent: Client, number: EntryPoint, world: World) -> None:
    talking(agent, number, world.ours.agent)
    let_go(CALL, world.ours.agent.pk, away=False)
    assert "通話の結果" in shown(agent)
    assert agent.post("/phone/wrap-up/", {"summary": "済み"}, headers=HTMX).status_code == 422
    promised = {"code": "goes_on", "promises": "調べて電話する", "then": "away"}
    for due in ("いつか", "2020-01-01T10:00"):
        assert agent.post("/phone/wrap-up/", promised | {"due": due}, headers=HTMX).status_code == 422
    assert (state(world.ours.agent), Promise.objects.count()) == ("wrapping", 0)

    done = agent.post("/phone/wrap-up/", {"code": "solved", "summary": "済み", "then": "away"}, headers=HTMX)

    assert 'data-state="away"' in done.text
    assert (Call.objects.get().code, Note.objects.get().text) == ("solved", "要約: 済み")


def test_the_page_says_that_it_is_there(agent: Client, world: World) -> None:
    agent.post("/phone/ready/", {"ready": "yes"}, headers=HTMX)
    AgentPhone.objects.update(seen_at=NOON)

    assert agent.post("/phone/here/").status_code == 204
    assert AgentPhone.objects.get().seen_at > NOON


def test_a_page_that_is_closed_rings_no_more_until_it_is_open_again(
    agent: Client, number: EntryPoint, world: World
) -> None:
    agent.post("/phone/ready/", {"ready": "yes"}, headers=HTMX)
    where = {"desk": number.desk_id, "company": number.company_id, "call": CALL}

    assert agent.post("/phone/gone/").status_code == 204
    assert take_phone(**where) is None
    assert state(world.ours.agent) == "ready"

    agent.post("/phone/here/")
    assert take_phone(**where) == world.ours.agent.pk
    agent.post("/phone/gone/")
    assert AgentPhone.objects.get().seen_at > clock.now() - HEARD_WITHIN  # it rings, and may come back


@pytest.mark.parametrize("who", ["company_staff", "company_manager"])
def test_people_of_the_company_have_no_phone(world: World, who: str) -> None:
    browser = signed_in(getattr(world.ours, who))

    for address in ("/phone/", "/phone/panel/", "/phone/sound/"):
        assert browser.get(address).status_code == 403
    for address in ("ready", "here", "gone", "answer", "act", "transfer", "wrap-up"):
        assert browser.post(f"/phone/{address}/").status_code == 403
    assert not AgentPhone.objects.exists()


def wished(place_since: datetime) -> Over:
    """Somebody gave up waiting for a call-back."""
    return Over(
        outcome=Outcome.CALL_BACK,
        ended_by=By.US,
        answered_at=NOON,
        ended_at=NOON,
        place_since=place_since,
    )


def test_a_customer_whose_turn_it_is_to_be_called_stands_there(
    agent: Client, number: EntryPoint, world: World
) -> None:
    finish(CALL, wished(NOON), company=number.company_id)
    set_ready(ready=True, by=actor_of(world.ours.agent))
    assert "お客様の順番" not in shown(agent)

    assert take_plan(PlannedCall.objects.get().pk, "out") is not None

    page = shown(agent)
    for words in ("折り返し</span>", "順番が来ました", "お客様に電話する", "090-1234-5678"):
        assert words in page
    assert "<dt>待ち時間</dt>" not in page
    answer_call(offer="offered", by=actor_of(world.ours.agent))
    assert "お客様の電話を呼び出しています…" in shown(agent)


def test_a_ringing_phone_shows_who_else_may_call_and_the_last_contacts(
    agent: Client, number: EntryPoint, world: World
) -> None:
    """A mother whose family's phone it is, her daughter, and a second record of her; and what they wrote before."""
    company, by = world.ours.company, actor_of(world.ours.agent)
    mother = make_customer(company, name="髙橋 美咲", email="misaki@home.example", phone="090-1234-5678")
    again = make_case(world.ours.entry_point, sender=Party("misaki@work.example", "高橋美咲")).customer
    with scope.acting_for([company.pk]):
        family = belong_to_new(mother, sort="household", name="髙橋家", by=by).group
        daughter = make_customer(company, name="髙橋 ひなの")
        belong(daughter, to=family, role="長女", by=by)
    wrote = make_case(world.ours.entry_point, sender=Party("misaki@home.example", ""), subject="炊飯器の件")
    with scope.acting_for([company.pk]):
        change_status(wrote, to=Status.SOLVED, by=by)
    index_everything()
    ring(number, world.ours.agent)

    page = shown(agent)

    here = Message.objects.get(pk=Call.objects.get().message_id).case.spoken_number(company.prefix)
    other = page.partition("ほかに考えられる方")[2].partition("</ul>")[0]
    assert re.findall(r"<b>([^<]+)</b> <span class=\"muted\">([^<]+)<", other) == [
        ("髙橋 ひなの", "髙橋家（長女）"),
        ("高橋美咲", "お名前が同じ・メールの@より前が同じ (80 %)"),
    ]
    assert f'href="/cases/{here}/whose/?other={daughter.pk}" target="madoguchi-case"' in other
    assert f'href="/cases/{here}/join/?other={again.pk}" target="madoguchi-case"' in other
    contacts = page.partition("直近の連絡")[2].partition("</ul>")[0]
    # The call that rings is none of them.
    assert ('<span class="tag">電話</span>' in contacts, contacts.count("<li>")) == (False, 1)
    assert (
        f'href="/cases/{wrote.spoken_number(company.prefix)}/" target="madoguchi-case">炊飯器の件' in contacts
    )
    assert contacts.count('<span class="tag">解決</span>') == 1


def test_who_else_may_call_is_kept_from_whom_names_are_kept(
    agent: Client, number: EntryPoint, world: World
) -> None:
    company, by = world.ours.company, actor_of(world.ours.agent)
    mother = make_customer(company, name="髙橋 美咲", phone="090-1234-5678")
    make_case(world.ours.entry_point, sender=Party("misaki@work.example", "高橋美咲"))
    with scope.acting_for([company.pk]):
        family = belong_to_new(mother, sort="household", name="髙橋家", by=by).group
        belong(make_customer(company, name="髙橋 ひなの"), to=family, role="長女", by=by)
    index_everything()
    engagement = world.ours.engagement
    type(engagement).objects.filter(pk=engagement.pk).update(hidden=["name"])
    ring(number, world.ours.agent)

    page = shown(agent)

    assert "長女" in page
    assert ("髙橋" in page, "高橋" in page, "/whose/" in page, "/join/" in page) == (False,) * 4
