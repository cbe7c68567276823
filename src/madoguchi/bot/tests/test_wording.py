"""When a visitor is told that somebody answers, once a person takes over."""

from datetime import UTC, datetime

import pytest
from django.utils import translation

from madoguchi.bot import wording
from madoguchi.bot.models import Reason
from madoguchi.knowledge.models import ArticleVersion

HOURS = "10:00〜18:00（日曜を除く）"
OPENS = datetime(2027, 8, 3, 0, 0, tzinfo=UTC)
WAIT, ASKS = (
    "少々お待ちください。",
    "メールアドレスをまだお知らせいただいていない場合は、こちらにお書きください。",
)


def told(is_open: bool | None, opens: datetime | None, hours: str) -> str:
    with translation.override("ja"):
        return wording.handing_over(Reason.HUMAN, is_open=is_open, opens=opens, hours=hours)


def test_only_while_people_are_at_work_is_anybody_asked_to_wait() -> None:
    words = told(True, OPENS, HOURS)
    assert WAIT in words
    assert ASKS not in words


@pytest.mark.parametrize("opens", [OPENS, None])
@pytest.mark.parametrize("is_open", [False, None])
def test_otherwise_the_hours_are_told_and_an_address_is_asked_for(is_open, opens) -> None:
    words = told(is_open, opens, HOURS)
    assert WAIT not in words
    assert f"受付時間: {HOURS}" in words
    assert ASKS in words


def test_when_somebody_is_back_is_told_where_it_is_known() -> None:
    assert "以降にお返事します" in told(False, OPENS, HOURS)
    assert "営業時間になりしだい" in told(False, None, HOURS)
    assert "受付時間内に担当者がお返事します。" in told(None, None, HOURS)


def test_hours_that_nobody_wrote_are_not_told() -> None:
    words = told(None, None, "")
    assert "受付時間: " not in words
    assert ASKS in words


def test_an_answer_leads_to_the_pictures_of_its_article_under_the_articles_own_page() -> None:
    # given
    body = "背面にあります。\n\n![背面のボタン](files/0123456789ab.png)"
    version = ArticleVersion(title="電源のボタン", body=body)

    # when
    with translation.override("ja"):
        linked = wording.answer(version, link="https://help.example/article/1.x/")
        alone = wording.answer(version, link="")

    # then
    assert "背面のボタン https://help.example/article/1.x/files/0123456789ab.png" in linked
    assert "出典：電源のボタン\nhttps://help.example/article/1.x/\n\n" in linked
    assert "[背面のボタン]" in alone
    assert "files/" not in alone
