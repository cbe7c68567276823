"""Parts: drawn as Django would draw them, and never more trusting."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.middleware.csrf import _does_token_match, get_token
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation
from jinja2 import UndefinedError

from madoguchi.desk.compiled import FOLDER, draw
from madoguchi.desk.faring import Delivery


class _Person:
    def __init__(self, pk: int, name: str, kana: str = "") -> None:
        self.pk, self.name, self.kana = pk, name, kana


def _people(*people: _Person, responsible: int | None = None) -> dict[str, Any]:
    return {"people": people, "now_responsible": responsible, "number": "AO-1001"}


def test_what_people_are_called_is_escaped() -> None:
    # given a name that would be a script
    person = _Person(7, '<script>alert("髙橋")</script>', kana='"onclick')
    # when it is drawn
    drawn = draw("people", _people(person))
    # then it stands there as it was typed, and does nothing
    assert "<script>" not in drawn
    assert "&lt;script&gt;alert(&#34;髙橋&#34;)&lt;/script&gt;" in drawn
    assert 'data-reading="&#34;onclick"' in drawn


def test_who_is_responsible_is_not_offered_again() -> None:
    # given two people, one of whom has the case
    people = _Person(1, "佐藤 花子"), _Person(2, "鈴木 一郎")
    # when they are offered
    drawn = draw("people", _people(*people, responsible=1))
    # then only the other is
    assert "鈴木 一郎" in drawn
    assert "佐藤 花子" not in drawn


def test_the_words_are_those_of_the_reader() -> None:
    # given a customer with one case
    # when an English and a Japanese reader see the others
    with translation.override("en"):
        english = draw("other_cases", {"others": []})
    with translation.override("ja"):
        japanese = draw("other_cases", {"others": []})
    # then each reads their own words
    assert "This is the first." in english
    assert "This is the first." not in japanese


def test_what_was_not_given_is_an_error_and_not_an_empty_place() -> None:
    # given a list that forgets its rows
    # when it is drawn
    # then it says so
    with pytest.raises(UndefinedError, match="rows"):
        draw("rows", {"open_row": ""})


def test_a_part_sees_the_page_it_stands_in_and_what_it_is_given() -> None:
    # given a page that knows the number, and gives the people
    page = Template('{% load console %}{% part "people" people=those now_responsible=none %}')
    context = Context({"those": [_Person(3, "田中 実")], "number": "AO-1002", "none": None})
    # when it is drawn
    drawn = page.render(context)
    # then both are there
    assert 'formaction="/cases/AO-1002/assign/"' in drawn
    assert 'value="3"' in drawn


def test_a_form_in_a_part_carries_the_token_of_its_page() -> None:
    # given a request, and an answer that failed and may be sent again
    request = RequestFactory().get("/")
    outgoing = SimpleNamespace(pk=5, state="failed", approved_by=None, receipt_at=None, finished_at=None)
    told = Delivery(outgoing, "bad", "届きませんでした", may_retry=True)  # type: ignore[arg-type]
    given = {"entry": SimpleNamespace(kind="us", delivery=told), "may_reply": True, "whole": True}
    # when it is drawn
    drawn = draw("delivery", {**given, "now": None, "acts": None, "csrf_token": get_token(request)})
    # then the form has a token that Django takes for its own
    found = re.search(r'<input type="hidden" name="csrfmiddlewaretoken" value="(\w{64})">', drawn)
    assert found is not None
    assert _does_token_match(found[1], request.META["CSRF_COOKIE"])


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.html")))
def test_every_loop_compiles(name: str) -> None:
    # given nothing
    # when a loop is asked for
    # then it is there, or asks for what it needs
    with pytest.raises(UndefinedError):
        draw(name, {})


def test_words_that_are_written_out_stand_in_it_as_django_would_write_them() -> None:
    # given words with an apostrophe, and an icon, both the same on every page
    draft = {"beside": SimpleNamespace(lookers=[]), "promised": None}
    # when an English reader sees them
    with translation.override("en"):
        drawn = draw("other_cases", {"others": []}) + draw("lookers", draft)
        page = Template("{% load console %}{% part 'known' knowing=those %}")
        wishes = SimpleNamespace(wishes=["It's <urgent>"], notes=[])
        said = page.render(Context({"those": wishes}))
    # then nothing is escaped twice, and everything once
    assert "&amp;" not in drawn
    assert "It&#39;s &lt;urgent&gt;" in said


def test_of_nobody_nothing_is_said_and_of_what_is_missing_an_error() -> None:
    # given a customer's address of whom nobody says how it is known
    nobody = SimpleNamespace(verified_how="", verified_by=None)
    # then what they are asked for beyond that is nothing
    assert draw("verified", {"one": nobody}) == ""
    with pytest.raises(UndefinedError, match="verified_how"):
        draw("verified", {"one": SimpleNamespace()})
    # and what nobody has is nothing, where somebody who has it not at all is an error
    assert "•" not in draw("known", {"knowing": None})
