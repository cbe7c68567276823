"""On a grave mail of the sample no article stands first, nor chosen, that speaks of something else."""

import tomllib
from collections.abc import Sequence
from typing import Any

import pytest

from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case
from madoguchi.desk.suggested import offered_for
from madoguchi.kernel.actor import Actor
from madoguchi.knowledge.factories import approved
from madoguchi.people.factories import Side, World
from madoguchi.people.queries import actor_of
from madoguchi.sample.grammar import pool
from madoguchi.sample.world import TEXTS
from madoguchi.signals.grave import dismiss_grave, look_for_grave_words
from madoguchi.signals.models import Grave

pytestmark = pytest.mark.django_db
SMOKE = "発煙・発火・けがのお申し出を受けたとき"
POT = "IH炊飯器の内釜のこびりつき"


def written(name: str) -> dict[str, Any]:
    return tomllib.loads((TEXTS / f"{name}.toml").read_text("utf-8"))


def mails_of(shop: str, topic: str, *, item: str, product: str) -> list[tuple[str, str]]:
    """Subjects and openings of a topic, each said once."""
    [found] = [one for one in written(shop)["topic"] if one["key"] == topic]
    facts = {"item": item, "product": product, "model": "HM-RC10", "ago": "先日"}

    def said(key: str) -> list[str]:
        texts = [text for fragment in pool(found[key]) for text in fragment]
        return [text.replace("‹", "").replace("›", "").format(**facts) for text in texts]

    subjects, openings = said("subject"), said("opening")
    longest = max(len(subjects), len(openings))
    return [(subjects[n % len(subjects)], openings[n % len(openings)]) for n in range(longest)]


@pytest.fixture
def side(world: World) -> Side:
    return world.ours


def tell(side: Side, company: str, *, but: Sequence[str] = ()) -> None:
    """The approved articles of a sample company, as articles of ours."""
    boss = actor_of(side.company_manager)
    with side.scope():
        for row in written("articles")["article"]:
            if row["company"] == company and "waits" not in row and row["title"] not in but:
                who = row.get("who", "both")
                approved(side.company, by=boss, title=row["title"], body=row["body"], audience=who)


def offered(side: Side, case: Case, **how: bool) -> tuple[list[str], list[str]]:
    """The titles that are offered, and those that are chosen beforehand."""
    with side.scope():
        held = Case.objects.select_related("company", "desk").get(pk=case.pk)
        found = offered_for(held, reader=actor_of(side.agent), **how)
    titles = [one.version.title for one in found.articles]
    return titles, [one.version.title for one in found.articles if one.is_chosen]


@pytest.mark.parametrize(
    ("subject", "text"), mails_of("electronics", "burning_smell", item="炊飯器", product="IH炊飯器 HM-RC10")
)
def test_of_a_burning_smell_only_what_is_to_be_done_then_is_offered(
    side: Side, subject: str, text: str
) -> None:
    tell(side, "hanamoto")
    assert offered(side, make_case(side.entry_point, subject=subject, text=text)) == ([SMOKE], [])


def test_where_no_article_speaks_of_it_none_is_offered_unless_it_is_asked_for(side: Side) -> None:
    tell(side, "hanamoto", but=[SMOKE])
    case = make_case(side.entry_point, subject="炊飯器から煙が出ました", text="内釜から煙が出て驚きました。")

    assert offered(side, case) == ([], [])
    titles, chosen = offered(side, case, all_that_fit=True)
    assert (titles[0], chosen) == (POT, [])


def test_a_picture_that_follows_makes_it_no_less_grave(side: Side) -> None:

    tell(side, "hanamoto")
    case = make_case(side.entry_point, subject="炊飯器の件", text="炊飯器が発火しました。")
    with side.scope():
        say_again(case, text="炊飯器の内釜の写真です。")

    assert offered(side, case) == ([SMOKE], [])


def test_what_somebody_said_to_be_harmless_is_a_question_like_any_other(side: Side, agent: Actor) -> None:
    tell(side, "hanamoto")
    case = make_case(side.entry_point, subject="炊飯器の内釜", text="内釜のこびりつきに、火災の心配は？")
    with side.scope():
        look_for_grave_words(case.messages.get().pk)
        assert offered(side, case) == ([SMOKE], [])
        dismiss_grave(Grave.objects.get(), reason="例えです", by=agent)

    assert offered(side, case)[1] == [POT]


@pytest.fixture
def agent(side: Side) -> Actor:
    return actor_of(side.agent)


def test_a_parcel_that_is_late_is_none(side: Side) -> None:
    tell(side, "hanamoto")
    case = make_case(
        side.entry_point, subject="商品のお届け", text="お届けがまだです。商品はいつ届きますか。"
    )

    titles, chosen = offered(side, case)
    assert (titles[0], chosen) == ("商品はいつ届きますか", ["商品はいつ届きますか"])


@pytest.mark.parametrize(
    ("subject", "text"), mails_of("cosmetics", "skin_trouble", item="化粧水", product="うるおい化粧水")
)
def test_of_a_skin_that_suffers_its_article_comes_first_and_none_is_chosen(
    side: Side, subject: str, text: str
) -> None:
    tell(side, "tsukishiro")
    titles, chosen = offered(side, make_case(side.entry_point, subject=subject, text=text))

    assert (titles[0], chosen) == ("肌が赤くなった・かゆくなった", [])
    assert "肌トラブルのお申し出を受けたとき" in titles
