"""Articles in the console: proposing, approving, giving back, scheduling, retiring."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from madoguchi.cases.factories import make_case
from madoguchi.delivery import links
from madoguchi.delivery.models import Cited
from madoguchi.desk.tests.conftest import HTMX
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.knowledge.actions import (
    Said,
    Settings,
    arrange_article,
    ask_for_approval,
    retire_article,
    take_version_back,
    translate_article,
    write_article,
)
from madoguchi.knowledge.factories import approved, make_article, rewrite
from madoguchi.knowledge.models import Article, ArticlePolicy
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


def at(name: str, *args: int) -> str:
    return reverse(f"desk:{name}", args=args)


@pytest.fixture
def boss(world: World) -> Actor:
    return actor_of(world.ours.company_manager)


def typed(world: World, **other: str) -> dict[str, str]:
    said = {
        "title": "返品の送料",
        "body": "**不良品**は当社が負担します。",
        "where": f"desk:{world.ours.desk.pk}",
    }
    return said | {"audience": "both", "language": "ja", "folder": "返品"} | other


def test_from_proposal_to_approval(world: World, client: Client) -> None:
    side = world.ours
    client.force_login(side.agent)
    empty = client.get(at("articles")).text
    assert "記事はまだありません" in empty
    assert at("article_new") in empty
    assert client.get(at("article_new")).status_code == 200

    client.post(at("article_new"), typed(world, do="submit"))

    with side.scope():
        article = Article.objects.get()
        assert article.versions.get().state == "review"
    assert client.post(at("article_judge", article.pk, 1), {"do": "approve"}).status_code == 403
    client.force_login(side.company_manager)
    assert "返品の送料" in client.get(at("articles_waiting")).text
    page = client.get(at("article", article.pk)).text
    assert "<strong>不良品</strong>は当社が負担します。" in page
    returned = client.post(at("article_judge", article.pk, 1), {"do": "return", "comment": " "})
    assert returned.status_code == 422
    waiting = client.get(at("articles_waiting")).text
    assert ("不良品は当社が負担します。" in waiting, "**" in waiting) == (True, False)
    asked = client.post(at("article_judge", article.pk, 1), {"do": "approve"}).text
    assert ("<ins>不良品は当社が負担します。</ins>" in asked, "承認して公開する" in asked) == (True, True)
    with side.scope():
        assert article.versions.get().state == "review"
    client.post(at("article_judge", article.pk, 1), {"do": "approve", "sure": "1"})
    with side.scope():
        assert article.versions.get().state == "approved"
    assert "返品の送料" in client.get(at("articles"), {"state": "published", "words": "不良品"}).text
    assert "返品の送料" not in client.get(at("articles"), {"state": "published", "words": "保証"}).text


def test_words_that_changed_since_they_were_looked_at_are_not_published(
    world: World, client: Client, boss: Actor
) -> None:
    # given a version that the approver is asked about
    side, writer = world.ours, actor_of(world.ours.supervisor)
    with side.scope():
        article = make_article(side.company, body="返品は7日以内です。", by=writer)
        ask_for_approval(article, by=writer)
    client.force_login(side.company_manager)
    asked = client.post(at("article_judge", article.pk, 1), {"do": "approve"}).text
    seen = re.search(r'name="seen" value="(\w{64})"', asked)
    assert seen is not None
    sure = {"do": "approve", "sure": "1", "seen": seen[1]}

    # when the writer takes it back, writes something else and asks again under the same number
    with side.scope():
        take_version_back(article, 1, by=writer)
        write_article(article, Said("返品の送料", "返品は受け付けません。"), by=writer)
        ask_for_approval(article, by=writer)
    answer = client.post(at("article_judge", article.pk, 1), sure)

    # then the old page publishes nothing
    assert answer.status_code == 409
    with side.scope():
        assert [(one.number, one.state) for one in article.versions.all()] == [(1, "review")]
    again = client.post(at("article_judge", article.pk, 1), {"do": "approve"}).text
    assert "返品は受け付けません。" in again
    seen = re.search(r'name="seen" value="(\w{64})"', again)
    assert seen is not None
    assert client.post(at("article_judge", article.pk, 1), sure | {"seen": seen[1]}).status_code == 302


def test_what_is_refused_keeps_what_was_typed(world: World, client: Client) -> None:
    client.force_login(world.ours.agent)
    answer = client.post(at("article_new"), typed(world, title=" "))
    assert answer.status_code == 422
    assert "当社が負担します" in answer.text
    with world.ours.scope():
        assert not Article.objects.exists()


def test_who_was_overtaken_looks_and_saves_once_more(world: World, client: Client, boss: Actor) -> None:
    side = world.ours
    with side.scope():
        article = make_article(side.company, by=boss, desk=side.desk, body="一")
    client.force_login(side.agent)
    begun = typed(world, body="私の", revision="1")
    client.post(at("article_edit", article.pk), typed(world, body="別の人の", revision="1"))

    overtaken = client.post(at("article_edit", article.pk), begun)
    assert overtaken.status_code == 422
    assert "私の" in overtaken.text
    assert 'name="revision" value="2"' in overtaken.text
    client.post(at("article_edit", article.pk), begun | {"revision": "2"})
    with side.scope():
        assert article.versions.latest("number").body == "私の"


def test_versions_are_compared_and_come_back(world: World, client: Client, boss: Actor) -> None:
    side = world.ours
    with side.scope():
        article = approved(side.company, by=boss, body="送料は500円です。")
    client.force_login(side.company_manager)
    wide = typed(world, where=f"company:{side.company.pk}", folder="", title="返品の送料")
    client.post(at("article_edit", article.pk), wide | {"body": "送料は無料です。", "revision": "1"})
    compared = client.get(at("article_compared", article.pk), {"to": "2"}).text
    assert "<del>500円</del><ins>無料</ins>" in compared
    client.post(at("article_again", article.pk, 1))
    with side.scope():
        assert article.versions.latest("number").body == "送料は500円です。"


def test_a_term_is_kept_and_retiring_can_be_undone(world: World, client: Client, boss: Actor) -> None:
    side = world.ours
    with side.scope():
        article = approved(side.company, by=boss)
    client.force_login(side.company_manager)
    later = (clock.now().astimezone(clock.TOKYO) + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M")
    client.post(at("article_term", article.pk, 1), {"since": "", "until": later})
    with side.scope():
        until = article.versions.get().valid_until
        assert until is not None
        assert until.astimezone(clock.TOKYO).strftime("%Y-%m-%dT%H:%M") == later
    bad = client.post(at("article_term", article.pk, 1), {"since": "x", "until": ""})
    assert bad.status_code == 422

    client.post(at("article_retire", article.pk))
    offered = client.get(at("articles"), {"state": "published"}).text
    assert at("article", article.pk) not in offered.replace(at("article_revive", article.pk), "")
    assert at("article_revive", article.pk) in client.get(at("article", article.pk)).text
    client.post(at("article_revive", article.pk))
    assert "返品の送料" in client.get(at("articles"), {"state": "published"}).text


def test_the_company_says_who_approves(world: World, client: Client) -> None:
    side = world.ours
    client.force_login(side.company_manager)
    client.post(at("article_policy", side.company.pk), {"four_eyes": "1"})
    with side.scope():
        assert ArticlePolicy.objects.get().four_eyes
    assert client.post(at("article_policy", world.theirs.company.pk)).status_code == 404


def test_the_preview_is_what_will_be_read(world: World, client: Client) -> None:
    client.force_login(world.ours.agent)
    html = client.post(at("article_preview"), {"body": "**「重要」**です<script>x</script>"}).text
    assert "<strong>「重要」</strong>です" in html
    assert "<script" not in html


def test_articles_that_fit_stand_beside_the_answer(world: World, client: Client, boss: Actor) -> None:
    side = world.ours
    case = make_case(side.entry_point)
    number = case.spoken_number(side.company.prefix)
    with side.scope():
        version = approved(
            side.company, by=boss, title="電源が入らない", body="お待ちください。"
        ).versions.get()
    client.force_login(side.agent)
    assert at_case("suggested", number) in client.get(at_case("case", number)).text

    assert "電源が入らない" in client.get(at_case("suggested", number)).text
    taken = client.post(at_case("take_article", number, version.pk, "text"))
    assert (taken.status_code, taken.text) == (200, "お待ちください。")
    with side.scope():
        cited = Cited.objects.get()
    assert client.post(at_case("drop_cited", number, cited.pk)).status_code == 200
    with side.scope():
        assert not Cited.objects.exists()
    assert "根拠の記事がありません" in client.get(at("articles_unfounded")).text


def test_an_article_for_operators_only_gives_no_words_and_is_never_chosen_beforehand(
    world: World, client: Client, boss: Actor
) -> None:
    side = world.ours
    case = make_case(side.entry_point)
    number = case.spoken_number(side.company.prefix)
    with side.scope():
        inner = approved(
            side.company, by=boss, title="電源が入らない", body="値引き可。", audience="operator"
        )
        pk = inner.versions.get().pk
    client.force_login(side.agent)

    offered = client.get(at_case("suggested", number)).text

    assert "担当者のみ" in offered
    assert " checked" not in offered
    assert at_case("take_article", number, pk, "mark") in offered
    for how in ("text", "quote", "link"):
        address = at_case("take_article", number, pk, how)
        assert address not in offered
        assert client.post(address).status_code == 422
    with side.scope():
        approved(side.company, by=boss, title="電源と部品", body="お待ちください。")
    assert offered_titles(client.get(at_case("suggested", number)).text) == ["電源と部品", "電源が入らない"]


def test_what_fits_a_note_that_is_being_typed_stands_beside_it_to_be_read(
    world: World, client: Client, boss: Actor
) -> None:
    side = world.ours
    case = make_case(side.entry_point)
    number = case.spoken_number(side.company.prefix)
    with side.scope():
        approved(side.company, by=boss, title="返品の送料", body="当社が負担します。")
        approved(side.company, by=boss, title="発煙のとき", body="まず怪我の有無。", audience="operator")
    with world.theirs.scope():
        approved(world.theirs.company, by=actor_of(world.theirs.company_manager), title="返品の送料（他社）")
    client.force_login(side.agent)
    assert at_case("suggested_note", number) in client.get(at_case("case", number)).text

    def told(typed: str) -> str:
        return client.post(at_case("suggested_note", number), {"note": typed}).text

    fits = told("電話。返品したいとのこと、送料は？")
    assert ">返品の送料</a>" in fits
    assert "他社" not in fits
    assert "csrfmiddlewaretoken" in fits
    assert "take_" not in fits
    smoke = told("返品の送料を聞かれた。煙が出たとのこと")
    assert ">発煙のとき</a>" in smoke
    assert "返品" not in smoke
    assert "安全" in smoke
    assert "<a" not in told("  ")
    with side.scope():
        assert not case.notes.exists()
    version = re.search(r"articles/(\d+)/said/", fits)
    assert version is not None
    said = at_case("said_article", number, int(version[1]))
    assert "口頭で伝えた記事" in client.post(said, {"note": ""}, headers=HTMX).text
    assert ">返品の送料</a>" not in told("返品したいとのこと、送料は？")
    assert "口頭で伝えた記事" not in client.post(said, {"not": "1"}, headers=HTMX).text
    client.force_login(world.theirs.agent)
    assert client.post(at_case("suggested_note", number), {"note": "返品"}).status_code == 404


def offered_titles(html: str) -> list[str]:
    return re.findall(r'data-key-label="([^"]+)"', html)


def test_customers_read_what_is_in_force_by_its_link(world: World, client: Client, boss: Actor) -> None:
    side = world.ours
    with side.scope():
        article = approved(side.company, by=boss, body="**送料**は無料です。")
    link = urlsplit(links.article_page(side.company.pk, article.pk)).path
    assert "<strong>送料</strong>は無料です。" in client.get(link).text
    with side.scope():
        retire_article(article, by=boss)
    assert client.get(link).status_code == 404
    assert client.get("/article/1a1.x/").status_code == 404


def at_case(name: str, number: str, *more: object) -> str:
    return reverse(f"desk:{name}", args=[number, *more])


def test_a_list_of_many_asks_no_more_often(
    world: World, client: Client, boss: Actor, django_assert_max_num_queries: Any
) -> None:
    side = world.ours
    client.force_login(side.company_manager)
    with side.scope():
        approved(side.company, by=boss, title="記事")
    with CaptureQueriesContext(connection) as one:
        client.get(at("articles"))
    with side.scope():
        for number in range(20):
            approved(side.company, by=boss, title=f"記事{number}")
    with django_assert_max_num_queries(len(one)):
        assert "記事19" in client.get(at("articles")).text


def test_an_approved_version_can_begin_later(world: World, client: Client, boss: Actor) -> None:
    side = world.ours
    with side.scope():
        article = make_article(side.company, by=boss)
        ask_for_approval(article, by=boss)
    client.force_login(side.company_manager)
    said = {"do": "approve", "since": "2099-01-01T09:00", "until": "2098-01-01T09:00"}
    refused = client.post(at("article_judge", article.pk, 1), said)
    assert refused.status_code == 422
    assert "終了が開始より前" in refused.text
    assert 'value="2099-01-01T09:00"' in refused.text

    client.post(at("article_judge", article.pk, 1), said | {"until": "", "sure": "1"})
    assert "開始待ち" in client.get(at("article", article.pk)).text
    assert client.post(at("article_judge", article.pk, 1), said).status_code == 409


def test_its_writer_takes_a_version_back(world: World, client: Client) -> None:
    side, agent = world.ours, actor_of(world.ours.agent)
    with side.scope():
        article = make_article(side.company, by=agent, desk=side.desk)
    client.force_login(side.agent)
    client.post(at("article_submit", article.pk))
    assert "委託元の担当者の承認を待っています" in client.get(at("article", article.pk)).text
    client.post(at("article_take_back", article.pk, 1))
    with side.scope():
        assert article.versions.get().state == "draft"
    client.force_login(side.supervisor)
    client.post(at("article_submit", article.pk))
    assert client.post(at("article_take_back", article.pk, 1)).status_code == 403


def test_a_translation_is_written_over_its_original_and_says_when_it_is_behind(
    world: World, client: Client, boss: Actor
) -> None:
    # given
    side = world.ours
    with side.scope():
        original = approved(side.company, by=boss, body="送料は500円です。")
    client.force_login(side.company_manager)
    assert at("article_translate", original.pk) in client.get(at("article", original.pk)).text

    # when
    editor = client.get(at("article_translate", original.pk)).text
    assert ("送料は500円です。" in editor, 'name="follows" value="1"' in editor) == (True, True)
    assert '<option value="ja"' not in editor
    english = typed(world, title="Postage", body="500 yen.", language="en", follows="1")
    client.post(at("article_translate", original.pk), english)

    # then
    with side.scope():
        made = Article.objects.get(original=original)
        assert (made.title, made.language, made.versions.get().follows) == ("Postage", "en", 1)
    assert at("article", made.pk) in client.get(at("article", original.pk)).text
    assert at("article", original.pk) in client.get(at("article", made.pk)).text
    assert client.get(at("article_translate", original.pk)).status_code == 404  # no language is left

    # when the original goes on
    with side.scope():
        rewrite(original, "送料は600円です。", by=boss)

    # then
    behind = client.get(at("article", made.pk)).text
    assert at("article_follow", made.pk, 2) in behind
    assert "Postage" in client.get(at("articles"), {"state": "overtaken"}).text
    assert "送料は600円です。" in client.get(at("article_edit", made.pk)).text
    wide = english | {"body": "600 yen.", "follows": "2", "revision": "1"}
    client.post(at("article_edit", made.pk), wide)
    with side.scope():
        assert [(v.body, v.follows) for v in made.versions.all()] == [("600 yen.", 2)]
    assert "Postage" not in client.get(at("articles"), {"state": "overtaken"}).text
    client.post(at("article_link", made.pk), {"original": "none"})
    assert str(original.pk) in client.get(at("article", made.pk)).text
    client.post(at("article_link", made.pk), {"original": str(original.pk)})
    assert client.post(at("article_link", made.pk), {"original": str(original.pk)}).status_code == 422
    with side.scope():
        assert Article.objects.get(pk=made.pk).original == original


def test_needing_no_other_words_is_said_with_one_key(world: World, client: Client, boss: Actor) -> None:
    side = world.ours
    with side.scope():
        original = approved(side.company, by=boss)
        english = translate_article(original, Said("Postage", "Free."), Settings(language="en"), by=boss)
        rewrite(original, "誤字を直した", by=boss)
    client.force_login(side.agent)
    client.post(at("article_follow", english.pk, 2))
    with side.scope():
        assert english.versions.get().follows == 2
    assert client.post(at("article_follow", english.pk, 9)).status_code == 422
    client.force_login(world.theirs.agent)
    for name, *args in (("article_translate",), ("article_link",), ("article_follow", 1)):
        assert client.post(at(name, english.pk, *args), {}).status_code == 404


def test_what_it_translates_is_looked_for_by_words(agent: Client, world: World) -> None:
    by = actor_of(world.ours.company_manager)
    with world.ours.scope():
        for number in range(12):
            make_article(world.ours.company, by=by, title=f"返品の送料{number:02}")
        english = make_article(world.ours.company, by=by, title="Postage")
        arrange_article(english, Settings(language="en"), by=by)

    found = agent.get(f"/articles/{english.pk}/originals/", {"words": "送料11"}).content.decode()
    first = agent.get(f"/articles/{english.pk}/").content.decode()

    assert ("返品の送料11" in found, "返品の送料10" in found) == (True, False)
    assert ("返品の送料09" in first, "返品の送料10" in first) == (True, False)
