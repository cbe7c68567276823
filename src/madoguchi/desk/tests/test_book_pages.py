"""The articles of a topic as a book: those in force and in sight, in order, with contents."""

import re

import pytest
from django.test import Client

from madoguchi.desk.tests.conftest import counted
from madoguchi.desk.tests.test_knowing_pages import main_of
from madoguchi.knowledge.factories import approved, make_article
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


def test_a_topic_is_read_as_a_book(world: World, agent: Client) -> None:
    for side in (world.ours, world.theirs):
        by = actor_of(side.company_manager)
        with side.scope():
            approved(side.company, by=by, title="2 検品", body="## 箱\n\n**開ける**", folder="返品")
            approved(side.company, by=by, title="1 受付", body="名前を聞く。", folder="返品")
            approved(side.company, by=by, title="別の話", body="別。", folder="配送")
            make_article(side.company, by=by, title="3 下書き", folder="返品")

    topics = main_of(agent.get("/articles/book/"))
    with counted() as cost:
        page = main_of(agent.get("/articles/book/", {"topic": "返品", "company": world.ours.company.pk}))
    foreign = main_of(agent.get("/articles/book/", {"topic": "返品", "company": world.theirs.company.pk}))

    assert len(re.findall(r'<td class="num" data-label="記事">(\d)<', topics)) == 2
    assert re.findall(r"<h2 id=\"article-\d+\">(.*?)</h2>", page) == ["1. 1 受付", "2. 2 検品"]
    assert re.findall(r"<li><a href=\"#article-\d+\">(.*?)</a>", page) == ["1 受付", "2 検品"]
    assert ("<strong>開ける</strong>" in page, "下書き" in page, "別の話" in page) == (True, False, False)
    assert "検品" not in foreign
    assert sum("knowledge_articleversion" in one and "body" in one for one in cost.queries) == 1
