"""How a customer says how they were helped, on the page that their own link opens."""

from datetime import timedelta

import pytest

from madoguchi.cases.actions import change_status
from madoguchi.cases.models import Case, Status
from madoguchi.complaints.actions import Written, make_complaint
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.people.queries import actor_of
from madoguchi.portal.links import sign
from madoguchi.portal.tests.conftest import all_rows, only_case, typed
from madoguchi.surveys.factories import make_survey

REVIEWS = "https://reviews.example/shop?a=1&b=2"


@pytest.fixture
def case(world, visitor, form_url) -> Case:
    """A case of a form that is solved, at a desk that asks for satisfaction and recommendation."""
    visitor.send(form_url, typed())
    found = only_case()
    make_survey(world.ours.desk, recommends=True, review_url=REVIEWS)
    with all_rows():
        change_status(found, to=Status.SOLVED, by=actor_of(world.ours.agent))
    return found


@pytest.fixture
def url(case: Case) -> str:
    return f"/my/{sign(case.pk, case.company_id)}/"


def told() -> list[dict]:
    with all_rows():
        return [one.data for one in Event.objects.filter(kind="survey.answered").order_by("id")]


def test_a_solved_case_asks_and_thanks_and_shows_where_to_write_a_review(visitor, case, url) -> None:
    assert f'href="{url}survey/"' in visitor.client.get(url).content.decode()
    page = visitor.client.get(f"{url}survey/").content.decode()
    assert ("ご用件は解決しましたか" in page, "簡単でしたか" in page) == (True, False)
    assert page.count('type="radio"') == 2 + 5 + 11

    answer = visitor.client.post(f"{url}survey/", {"solved": "yes", "satisfied": "5", "recommends": "9"})
    thanks = visitor.client.get(answer["Location"]).content.decode()

    assert (answer.status_code, answer["Location"]) == (302, f"{url}survey/")
    assert "ご回答ありがとうございます" in thanks
    assert 'href="https://reviews.example/shop?a=1&amp;b=2" rel="noopener noreferrer nofollow"' in thanks
    assert 'type="radio"' not in thanks
    assert f'href="{url}survey/"' not in visitor.client.get(url).content.decode()
    assert [one["satisfied"] for one in told()] == [5]


def test_who_complains_afterwards_is_not_shown_it_any_more(world, visitor, case, url) -> None:
    visitor.client.post(f"{url}survey/", {"solved": "yes", "satisfied": "5", "recommends": "9"})
    assert "reviews.example" in visitor.client.get(f"{url}survey/").content.decode()
    with all_rows():
        written = Written(facts="届かない", severity=1, due_at=clock.now() + timedelta(days=1))
        make_complaint(case, written, by=actor_of(world.ours.agent))

    assert "reviews.example" not in visitor.client.get(f"{url}survey/").content.decode()


def test_who_still_needs_help_is_led_back_and_asked_for_no_review(visitor, case, url) -> None:
    answer = visitor.client.post(
        f"{url}survey/", {"solved": "no", "satisfied": "5", "words": "まだ直りません"}
    )
    thanks = visitor.client.get(answer["Location"]).content.decode()

    assert ("対応を再開いたします" in thanks, "reviews.example" in thanks) == (True, False)


def test_what_is_wrong_is_told_at_its_field_and_what_was_typed_stays(visitor, case, url) -> None:
    refused = visitor.client.post(f"{url}survey/", {"satisfied": "9", "words": "親切でした"})
    page = refused.content.decode()

    assert refused.status_code == 422
    assert ("まだ送信されていません" in page, "親切でした</textarea>" in page) == (True, True)
    assert told() == []


def test_a_second_answer_is_thanked_and_not_kept(visitor, case, url) -> None:
    for point in ("5", "1"):
        visitor.client.post(f"{url}survey/", {"solved": "yes", "satisfied": point})

    assert [one["satisfied"] for one in told()] == [5]


def test_a_case_that_is_open_again_asks_nothing(world, visitor, case, url) -> None:
    with all_rows():
        change_status(case, to=Status.OPEN, by=actor_of(world.ours.agent))

    assert "アンケートに答える" not in visitor.client.get(url).content.decode()
    assert "現在お答えいただく質問はありません" in visitor.client.get(f"{url}survey/").content.decode()
    assert visitor.client.post(f"{url}survey/", {"solved": "yes", "satisfied": "5"}).status_code == 422
    assert told() == []


def test_a_link_that_was_not_made_here_opens_nothing(visitor, case, url) -> None:
    assert visitor.client.get(f"{url[:-2]}x/survey/").status_code == 404
    assert visitor.client.post(f"{url[:-2]}x/survey/", {"solved": "yes"}).status_code == 404
