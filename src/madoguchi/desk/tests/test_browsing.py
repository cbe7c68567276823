"""Looking at lists and cases: what is shown to whom, and what it costs."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from madoguchi.cases.actions import add_note, assign, change_status, open_case, set_tags
from madoguchi.cases.factories import arriving, make_case, say_again
from madoguchi.cases.models import Case, Look, Mention, Status
from madoguchi.companies.factories import make_desk, make_engagement, make_entry_point
from madoguchi.companies.models import Engagement
from madoguchi.customers.factories import make_customer
from madoguchi.delivery.models import Outgoing
from madoguchi.desk.tests.conftest import HTMX, MISAKI, counted, everything, signed_in
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.actor import DataScope, system
from madoguchi.kernel.channel import Party
from madoguchi.kernel.pieces import Kind, Piece
from madoguchi.knowledge.factories import approved
from madoguchi.people.factories import World, make_operator_person, make_person
from madoguchi.people.queries import actor_of
from madoguchi.search import queries
from madoguchi.search.actions import index, index_all, leave_to_worker
from madoguchi.search.factories import index_everything

pytestmark = pytest.mark.django_db
_OF_CASES = re.compile(r"pg_snapshot_xip|cases_|infra_event")


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


def unmarked(response: object) -> str:
    """A page without the marks on what was found."""
    return re.sub("</?mark>", "", text(response))


def test_the_front_door_shows_ones_own_cases_and_counts(agent: Client, world: World, case: Case) -> None:
    other = make_case(world.ours.entry_point, subject="未割当の用件")
    with world.ours.scope():
        assign(case, to=world.ours.agent.pk, by=actor_of(world.ours.agent))

    page = text(agent.get("/"))

    assert "炊飯器について" in page
    assert other.subject not in page
    assert "お待たせ 0分" in page
    assert "髙橋 美咲 様" in page


def test_that_a_mail_has_no_words_is_said(agent: Client, world: World, case: Case) -> None:
    empty = make_case(world.ours.entry_point, subject="空のメール", text=" \n")
    prefix = world.ours.company.prefix
    assert "（本文なし）" in text(agent.get(f"/cases/{empty.spoken_number(prefix)}/"))
    assert "（本文なし）" not in text(agent.get(f"/cases/{case.spoken_number(prefix)}/"))


def test_a_list_shows_what_its_address_asks_for(agent: Client, world: World, case: Case) -> None:
    solved = make_case(world.ours.entry_point, subject="済んだ用件")
    with world.ours.scope():
        change_status(solved, to=Status.SOLVED, by=actor_of(world.ours.agent))
        set_tags(case, to=["初期不良"], by=actor_of(world.ours.agent))
    index_everything()

    shown = {
        query: [s for s in ("炊飯器について", "済んだ用件") if s in unmarked(agent.get(f"/cases/?{query}"))]
        for query in (
            "view=solved",
            "view=unassigned",
            "view=all",
            "tag=初期不良",
            "q=済んだ",
            "view=nonsense",
        )
    }

    assert shown == {
        "view=solved": ["済んだ用件"],
        "view=unassigned": ["炊飯器について"],
        "view=all": ["炊飯器について", "済んだ用件"],
        "tag=初期不良": ["炊飯器について"],
        "q=済んだ": ["済んだ用件"],
        "view=nonsense": [],
    }


def test_a_chat_is_told_from_mail_in_its_row(agent: Client, world: World, case: Case) -> None:
    sign = '<span class="tag">チャット</span>'
    assert sign not in text(agent.get("/cases/", {"view": "unassigned"}))
    with world.ours.scope():
        Case.objects.filter(pk=case.pk).update(channel="chat")
    assert sign in text(agent.get("/cases/", {"view": "unassigned"}))


def test_a_list_of_one_desk_holds_no_other_desks_cases(agent: Client, world: World, case: Case) -> None:
    other_desk = make_desk(world.ours.company, name="修理")
    point = make_entry_point(other_desk)
    make_case(point, subject="修理の用件")

    page = text(agent.get(f"/cases/?desk={world.ours.desk.pk}&view=all"))

    assert "炊飯器について" in page
    assert "修理の用件" not in page
    assert agent.get(f"/cases/?desk={other_desk.pk}").status_code == 404


def test_more_of_a_long_list_follows_where_the_first_page_ends(agent: Client, world: World) -> None:
    for count in range(51):
        with clock.held_at(clock.now() - timedelta(minutes=count)):
            make_case(world.ours.entry_point, subject=f"用件その{count}。")

    first = agent.get("/cases/?view=all")
    address = text(first).split('id="more"><a class="button" href="')[1].split('"')[0].replace("&amp;", "&")
    rest = text(agent.get(address, headers=HTMX))

    assert text(first).count("data-row") == 50
    assert "用件その50。" not in text(first)
    assert rest.count("data-row") == 1
    assert "用件その50。" in rest
    assert "<html" not in rest


@pytest.mark.parametrize(
    ("view", "words"),
    [
        ("mine", "未割当の用件を見る"),
        ("unassigned", "未割当の用件はありません"),
        ("mentions", "自分宛のメモはありません"),
        ("solved", "用件はありません"),
    ],
)
def test_an_empty_list_says_what_to_do_first(agent: Client, view: str, words: str) -> None:
    assert words in text(agent.get(f"/cases/?view={view}"))


def test_somebody_without_a_desk_is_told_whom_to_ask(world: World) -> None:
    newcomer = make_operator_person(world.ours.operator)

    assert signed_in(newcomer).get("/cases/").status_code == 403


def test_a_case_shows_the_conversation_the_notes_and_what_was_done(
    agent: Client, world: World, case: Case, number: str
) -> None:
    lead = actor_of(world.ours.supervisor)
    with world.ours.scope():
        assign(case, to=world.ours.agent.pk, by=lead)
        add_note(case, text="同じロットで3件目です。@青木 確認をお願いします。", by=lead)
        add_note(case, text="@青木 翔さん、至急です。", by=lead)
        set_tags(case, to=["初期不良"], by=lead)
    say_again(case, text="まだ直りません。")

    page = text(agent.get(f"/cases/{number}/"))

    assert "電源が入りません。" in page
    assert "まだ直りません。" in page
    assert "森 美咲さんが青木 翔さんを担当にしました" in page
    assert "森 美咲さんがタグ「初期不良」を付けました" in page
    assert '<span class="mention">@青木</span>' in page
    assert '<span class="mention">@青木 翔</span>さん、至急です。' in page
    assert page.index("電源が入りません。") < page.index("同じロットで") < page.index("まだ直りません。")


def test_opening_a_case_marks_ones_mentions_as_seen(
    agent: Client, supervisor: Client, world: World, case: Case, number: str
) -> None:
    with world.ours.scope():
        add_note(case, text="@青木 見てください", by=actor_of(world.ours.supervisor))

    supervisor.get(f"/cases/{number}/")
    assert [m.seen_at for m in everything(Mention)] == [None]

    agent.get(f"/cases/{number}/")
    assert [m.seen_at is None for m in everything(Mention)] == [False]


def test_htmx_gets_the_case_alone_and_only_what_may_have_changed(agent: Client, number: str) -> None:
    whole, alone = text(agent.get(f"/cases/{number}/")), text(agent.get(f"/cases/{number}/", headers=HTMX))
    live = text(agent.get(f"/cases/{number}/?part=live", headers=HTMX))

    assert "<html" in whole
    assert "<html" not in alone
    assert 'id="composer"' in alone
    assert 'id="about"' in alone
    assert 'id="entries"' in live
    assert 'id="others"' in live
    assert 'id="composer"' not in live


def test_the_row_of_the_open_case_comes_with_what_may_have_changed(
    agent: Client, world: World, case: Case, number: str
) -> None:
    with world.ours.scope():
        Case.objects.filter(pk=case.pk).update(subject="（取り消されました）")

    live = text(agent.get(f"/cases/{number}/?part=live", headers=HTMX))
    row = live[live.index(f'id="case-{case.pk}"') : live.index('id="case-head"')]
    assert "（取り消されました）" in row


def test_earlier_words_of_a_long_conversation_come_on_demand(
    agent: Client, world: World, case: Case, number: str
) -> None:
    for count in range(51):
        with clock.held_at(clock.now() + timedelta(minutes=count + 1)):
            say_again(case, text=f"その{count}です。")

    page = text(agent.get(f"/cases/{number}/"))
    address = page.split('id="earlier">')[1].split('href="')[1].split('"')[0]
    earlier = text(agent.get(address, headers=HTMX))

    assert "電源が入りません。" not in page
    assert "その50です。" in page
    assert "電源が入りません。" in earlier
    assert "<html" not in earlier
    assert agent.get(f"/cases/{number}/earlier/?before=yesterday").status_code == 404


def test_another_companys_person_finds_nothing(stranger: Client, number: str, world: World) -> None:
    index_everything()
    for address in ("", "reply/", "note/", "status/", "assign/", "files/", "draft/reply/", "templates/1/"):
        method = stranger.get if address in ("", "templates/1/") else stranger.post
        assert method(f"/cases/{number}/{address}").status_code == 404, address
    assert "炊飯器" not in text(stranger.get("/cases/?view=all"))
    assert "炊飯器について" not in text(stranger.get("/cases/?q=炊飯器"))
    assert stranger.get("/find/?q=炊飯器").json() == {"results": []}


def test_everything_needs_a_sign_in(number: str) -> None:
    for address in ("/", "/cases/", f"/cases/{number}/", "/find/?q=a"):
        response = Client().get(address)
        assert (response.status_code, "login" in response.url) == (302, True), address  # type: ignore[attr-defined]


def test_company_staff_read_and_are_told_why_they_cannot_answer(
    company_staff: Client, number: str, case: Case
) -> None:
    page = text(company_staff.get(f"/cases/{number}/"))
    first = text(company_staff.get("/"))

    assert "炊飯器について" in first
    assert "未割当の用件を見る" not in first

    assert "電源が入りません。" in page
    assert "data-compose" not in page
    assert "窓口の担当者が行います" in page
    assert 'name="status"' not in page


def test_an_engagements_data_scope_masks_the_customer_everywhere(
    world: World, case: Case, number: str
) -> None:
    desk = world.ours.desk
    hiding = DataScope(masked=frozenset({"name", "email"}), hidden=frozenset({"phone", "memo"}))
    with scope.everywhere(reason="a test changes the contract"):
        engagement = world.ours.engagement
        engagement.masked, engagement.hidden = sorted(hiding.masked), sorted(hiding.hidden)
        engagement.save()
    assert desk.pk

    client = signed_in(world.ours.agent)
    pages = [text(client.get(address)) for address in ("/cases/?view=all", f"/cases/{number}/")]

    for page in pages:
        assert "髙橋 美咲" not in page
        assert MISAKI.address not in page
        assert "髙••••" in page
    assert "契約により" in pages[1]
    assert 'name="memo"' not in pages[1]
    assert 'id="reply-to"' not in pages[1]


@pytest.mark.parametrize(("masked", "kept"), [(["phone"], False), (["email"], True)])
def test_who_sees_the_address_may_write_to_others_too(
    world: World, number: str, masked: list[str], kept: bool
) -> None:
    with scope.everywhere(reason="a test changes the contract"):
        world.ours.engagement.masked = masked
        world.ours.engagement.save()

    page = text(signed_in(world.ours.agent).get(f"/cases/{number}/"))

    assert (MISAKI.address in page) is not kept
    assert ('id="reply-cc"' in page) is not kept
    assert ("契約によりメールアドレスは表示されません" in page) is kept


def test_what_a_mail_server_said_is_kept_from_who_may_not_see_the_address(world: World, number: str) -> None:
    client = signed_in(world.ours.agent)
    client.post(f"/cases/{number}/reply/", {"text": "はい。"})
    with scope.everywhere(reason="a test lets a mail fail and changes the contract"):
        said = f"550 5.1.1 User unknown ({MISAKI.address})"
        Outgoing.objects.update(state=Outgoing.State.FAILED, tries=1, response=said)
        Engagement.objects.filter(pk=world.ours.engagement.pk).update(masked=["email"])

    for address in (f"/cases/{number}/", f"/cases/{number}/earlier/?before=2099-01-01T00:00:00Z"):
        page = text(client.get(address, headers=HTMX))
        assert "宛先のアドレスが存在しないようです。" in page
        assert MISAKI.address not in page


def test_a_search_shows_where_it_found_something_and_how_many_there_are(
    agent: Client, world: World, number: str
) -> None:
    make_case(world.ours.entry_point, text="<b>炊飯器</b>の電源\nが入りません。", subject="件名")
    index_everything()

    page = text(agent.get("/cases/?q=電源が&view=all"))

    assert "2 件" in page
    assert '<span class="hit">炊飯器について <mark>電源が</mark>入りません。</span>' in page
    assert "件名 &lt;b&gt;炊飯器&lt;/b&gt;の<mark>電源 が</mark>入りません。" in page
    assert 'value="電源が"' in page


@pytest.mark.parametrize("filter_", ["以降:2026-13", "状態:すぐ", "desk:どこにもない"])
def test_a_search_says_which_filter_makes_no_sense(agent: Client, filter_: str) -> None:
    told = f"「{filter_}」は絞り込みとして読めないため、そのままの言葉として探しました。"

    assert told in text(agent.get("/cases/", {"q": f"電源 {filter_}"}))
    assert told not in text(agent.get("/cases/", {"q": "電源 以降:2026-01-31 10:30"}))


def test_a_search_says_in_which_order_it_is_and_offers_others(agent: Client, world: World) -> None:
    older = make_case(world.ours.entry_point, subject="返品の件")
    newer = make_case(world.ours.entry_point, subject="返品の件")
    with world.ours.scope():
        change_status(newer, to=Status.SOLVED, by=actor_of(world.ours.agent))
    index_everything()

    def listed(query: str) -> list[str]:
        return re.findall(r'data-case="(\d+)" href', text(agent.get(f"/cases/?q=返品{query}")))

    assert listed("") == listed("&order=nonsense") == [str(older.pk), str(newer.pk)]
    assert listed("&order=newest") == [str(newer.pk), str(older.pk)]
    page = text(agent.get("/cases/?q=返品&order=newest"))
    assert re.findall(r'href="/cases/\?q=[^"]*order=(\w+)"( aria-current)?', page) == [
        ("unsolved", ""),
        ("best", ""),
        ("newest", " aria-current"),
    ]
    assert "order=newest" in text(agent.get("/cases/?q=返品&order=newest")).split('id="rows"')[1]


def test_a_subject_that_was_found_is_not_said_twice(agent: Client, world: World) -> None:
    make_case(world.ours.entry_point, text="電源が入りません。", subject="炊飯器の返品")
    index_everything()

    page = text(agent.get("/cases/?q=返品"))

    assert '<span class="sub">炊飯器の<mark>返品</mark></span>' in page
    assert page.count("炊飯器の") == 1


def test_a_search_stops_counting(
    agent: Client, world: World, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_case(world.ours.entry_point)
    index_everything()
    monkeypatch.setattr(queries, "COUNT_TO", 1)

    assert '<span class="muted nowrap" role="status">1 件以上</span>' in text(agent.get("/cases/?q=炊飯器"))


def test_a_search_names_customers_who_have_no_case(agent: Client, world: World) -> None:
    customer = make_customer(
        world.ours.company, name="渡邊 <b>花子</b>", email="hana@home.example", phone="090-1234-5678"
    )
    with world.ours.scope():
        index(cases=[], customers=[customer.pk])
        Engagement.objects.filter(pk=world.ours.engagement.pk).update(masked=["phone"])

    page = text(agent.get("/cases/?q=渡辺"))

    assert "用件のない顧客" in page
    line = "渡邊 &lt;b&gt;花子&lt;/b&gt; · たなか いちろう · hana@home.example · 090••••••78"
    assert f"<li>{line}</li>" in page
    assert "用件のない顧客" not in text(agent.get("/cases/?q=ない言葉"))


def test_a_search_says_that_not_all_cases_can_be_found_yet(
    agent: Client, world: World, number: str, case: Case
) -> None:
    other = make_case(world.ours.entry_point, text="炊飯器の電源")
    leave_to_worker(after=0)
    assert next(index_all(most=1)) == case.pk

    page = text(agent.get("/cases/?q=電源"))

    assert "検索の準備を続けています。現在 2 件中 1 件が検索の対象です。" in page
    assert f'data-case="{other.pk}"' not in page
    assert list(index_all()) == [other.pk]
    page = text(agent.get("/cases/?q=電源"))
    assert "検索の準備" not in page
    assert f'data-case="{other.pk}"' in page


def test_a_search_goes_on_page_by_page(agent: Client, world: World, case: Case) -> None:
    for _ in range(2):
        make_case(world.ours.entry_point)
    index_everything()

    first = text(agent.get("/cases/?q=炊飯器&shown=20"))
    whole = re.findall(r'data-case="(\d+)"', first)
    assert (len(whole), "more" in re.findall(r'id="([a-z]+)"', first)) == (3, False)
    later = agent.get("/cases/?q=炊飯器&before=4611686018427387904.0.2", headers=HTMX)
    assert re.findall(r'data-case="(\d+)"', text(later)) == whole[2:]
    assert "desk/more.html" in [t.name for t in later.templates]


def test_whom_a_page_of_a_list_shows_counts_once_an_hour(agent: Client, world: World, case: Case) -> None:
    for _ in range(2):
        make_case(world.ours.entry_point)
    first, later = "/cases/?view=all", "/cases/?view=all&before=2999-01-01T00:00:00%2B00:00~1"
    with clock.held_at(clock.now()):
        for address in (first, first, later):
            shown = text(agent.get(address, headers=HTMX))
            assert len(re.findall(r'data-case="(\d+)"', shown)) == 3
            assert [(look.customer_id, look.times, look.shown) for look in everything(Look)] == [(0, 1, 3)]


def test_the_palette_finds_cases_by_their_words(agent: Client, number: str) -> None:
    index_everything()
    found = agent.get("/find/?q=炊飯器").json()["results"]

    assert found == [
        {"label": "炊飯器について", "detail": f"{number} 髙橋 美咲 様", "url": f"/cases/{number}/"}
    ]
    assert agent.get("/find/").json() == {"results": []}


def test_a_search_names_the_articles_that_say_so_in_the_palette_and_above_the_cases(
    agent: Client, world: World
) -> None:
    with world.ours.scope():
        by = actor_of(world.ours.company_manager)
        article = approved(
            world.ours.company, by=by, title="炊飯器の手入れ", body="内釜を洗います。", folder="家電"
        )
    place = f"/articles/{article.pk}/"

    found = agent.get("/find/?q=炊飯器 desk:1").json()["results"]
    assert {"label": "炊飯器の手入れ", "detail": "記事 家電", "url": place} in found
    assert f'href="{place}"' in text(agent.get("/cases/?q=炊飯器"))
    assert agent.get("/find/?q=desk:1").json()["results"] == []


def test_pages_with_customers_data_are_never_kept_by_a_cache(agent: Client, number: str) -> None:
    for address in ("/", "/cases/", f"/cases/{number}/", "/find/?q=炊"):
        response = agent.get(address)
        assert "no-store" in response["Cache-Control"], address
        assert "HX-Request" in response["Vary"], address


def test_what_a_customer_writes_is_shown_and_never_run(agent: Client, world: World) -> None:
    case = make_case(
        world.ours.entry_point,
        text="<script>alert(1)</script>",
        subject='"><img src=x onerror=alert(1)>',
        sender=Party(address="x@home.example", name="<b>太字</b>"),
    )
    number = case.spoken_number(world.ours.company.prefix)

    page = text(agent.get(f"/cases/{number}/?view=all"))

    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "<b>太字" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_list_of_fifty_costs_as_few_queries_as_a_list_of_one(
    agent: Client, world: World, case: Case
) -> None:
    agent.get("/cases/?view=all")
    with counted() as one:
        agent.get("/cases/?view=all")
    for _ in range(49):
        make_case(world.ours.entry_point)
    with counted() as fifty:
        agent.get("/cases/?view=all")

    # Three say who asks and what they may see; then desks, the end of the log, the rows, whom they show, which are
    # unread, the counts.
    assert len(fifty) == len(one) == 9, fifty.queries


def test_the_end_of_the_log_is_asked_for_before_anything_it_may_add_to(agent: Client, number: str) -> None:
    """What happens while the page is read is then told as news, and not lost between the two."""
    for address in (f"/cases/{number}/", f"/cases/{number}/earlier/?before=2099-01-01T00:00:00Z", "/cases/"):
        with counted() as cost:
            assert agent.get(address).status_code == 200
        asked = ["log" if "pg_snapshot_xip" in q else "cases" for q in cost.queries if _OF_CASES.search(q)]
        assert (asked[0], asked.count("log")) == ("log", 1), cost.queries


def test_a_case_of_ten_messages_costs_as_few_queries_as_one_of_one(
    agent: Client, world: World, case: Case, number: str
) -> None:
    agent.get(f"/cases/{number}/", headers=HTMX)
    with counted() as one:
        agent.get(f"/cases/{number}/", headers=HTMX)
    for _ in range(9):
        say_again(case)
    with world.ours.scope():
        for _ in range(5):
            add_note(case, text="メモ", by=actor_of(world.ours.supervisor))
    with counted() as ten:
        agent.get(f"/cases/{number}/", headers=HTMX)

    # One of them keeps who looked, one how far they have read, one asks what the
    # customer refused, one what is noted of them, one to what they belong, and one what was said last.
    assert len(ten) == len(one) == 22, ten.queries


def test_a_second_desk_costs_no_further_query(world: World, case: Case) -> None:
    with counted() as one:
        signed_in(world.ours.manager).get("/cases/?view=all")
    for _ in range(3):
        make_engagement(world.ours.operator, make_desk(world.ours.company))
    with counted() as four:
        signed_in(world.ours.manager).get("/cases/?view=all")

    assert len(four) == len(one)


def test_who_works_nowhere_yet_is_told_whom_to_ask(client: Client, db: None) -> None:
    client.force_login(make_person())

    answer = client.get("/")

    assert answer.status_code == 200
    assert "担当の窓口がまだありません" in answer.content.decode()


class TestWhatCameAlong:
    def body(self, agent: Client, world: World, *pieces: Piece) -> str:
        with world.ours.scope():
            arrived = arriving(
                world.ours.entry_point, text="".join(piece.text for piece in pieces), pieces=pieces
            )
            case = Case.objects.get(pk=open_case(arrived, by=system("intake")).case)
        page = text(agent.get(f"/cases/{case.spoken_number(world.ours.company.prefix)}/"))
        return page.split('<div class="body">', 1)[1].split("</article>", 1)[0]

    def test_it_is_folded_in_its_place(self, agent: Client, world: World) -> None:
        body = self.body(
            agent,
            world,
            Piece(Kind.QUOTE, "> 色は？\n> 赤か青です。\n\n"),
            Piece(Kind.NEW, "赤です。\n\n"),
            Piece(Kind.SIGNATURE, "-- \n髙橋"),
        )

        order = ["<summary>引用（2行）</summary>", "&gt; 赤か青です。", '<div class="text">赤です。</div>']
        order += ["<summary>署名</summary>", "髙橋", "<summary>全文を表示</summary>"]
        places = [body.index(words) for words in order]
        assert places == sorted(places)
        assert "<details open" not in body

    def test_one_click_shows_all_where_one_piece_is_folded(self, agent: Client, world: World) -> None:
        body = self.body(agent, world, Piece(Kind.NEW, "はい。\n\n"), Piece(Kind.QUOTE, "> 色は？"))

        assert body.count("<details") == 1

    def test_a_forward_stands_open(self, agent: Client, world: World) -> None:
        body = self.body(
            agent,
            world,
            Piece(Kind.NEW, "ご確認ください。\n\n"),
            Piece(Kind.FORWARD, "From: x\n\n苦情です。"),
        )

        assert '<details class="quoted" open><summary>転送されたメール</summary>' in body
        assert "苦情です。" in body


def test_what_the_program_did_by_itself_bears_no_name_of_its_parts(
    agent: Client, world: World, case: Case, number: str
) -> None:
    with world.ours.scope():
        change_status(case, to=Status.OPEN, by=system("delivery"))

    page = text(agent.get(f"/cases/{number}/"))

    assert "状態が「対応中」になりました" in page
    assert "deliveryさん" not in page
