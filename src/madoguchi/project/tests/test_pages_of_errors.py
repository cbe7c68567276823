"""Each error that a person can act on becomes one page, or one notice where a page is there already."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from madoguchi.cases.factories import make_case
from madoguchi.infra.http_status import STATUS, status_of
from madoguchi.infra.limits import TooOften
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import AskFirst, Conflict, MadoguchiError, NotAllowed, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.project.middleware import AnswerClearly

HTMX = {"HX-Request": "true"}
SAMPLES: list[tuple[MadoguchiError, int, str]] = [
    (NotFound("A-1001"), 404, "見つかりません"),
    (NotAllowed(Permission.CASE_REPLY), 403, ""),
    (Refused("先に本文を書いてください。", field="text"), 422, "先に本文を書いてください。"),
    (Conflict("用件が変わりました。"), 409, "用件が変わりました。"),
    (TooOften(60), 429, "60"),
    (MadoguchiError("そのほか"), 400, "そのほか"),
]
by_name = pytest.mark.parametrize(
    ("error", "status", "words"), SAMPLES, ids=[type(error).__name__ for error, *_ in SAMPLES]
)


def answered(error: Exception, *, htmx: bool = False, **headers: str) -> HttpResponse | None:
    request = RequestFactory().get("/cases/", headers=headers)
    request.user = AnonymousUser()
    request.htmx = htmx  # type: ignore[attr-defined]
    middleware = AnswerClearly(lambda request: HttpResponse())
    return middleware.process_exception(request, error)


@by_name
def test_a_page(error: MadoguchiError, status: int, words: str) -> None:
    response = answered(error)

    assert response is not None
    body = response.content.decode()
    assert response.status_code == status
    assert "<html" in body
    assert str(status) in body
    assert words in body


@by_name
@pytest.mark.parametrize("how", ["htmx", "fetch"])
def test_a_notice(error: MadoguchiError, status: int, words: str, how: str) -> None:
    headers = {"X-Requested-With": "fetch"} if how == "fetch" else {}
    response = answered(error, htmx=how == "htmx", **headers)

    assert response is not None
    body = response.content.decode()
    assert response.status_code == status
    assert "<html" not in body
    assert 'role="alert"' in body
    if status not in (403, 404):
        assert words in body


@pytest.mark.parametrize("error", [NotFound("A-1001"), NotAllowed(Permission.CASE_REPLY)])
def test_what_is_refused_gives_away_nothing_of_what_was_asked(error: MadoguchiError) -> None:
    for htmx in (False, True):
        response = answered(error, htmx=htmx)
        assert response is not None
        assert "A-1001" not in response.content.decode()
        assert "case.reply" not in response.content.decode()


def test_words_are_shown_as_words() -> None:
    for htmx in (False, True):
        response = answered(Refused("<script>alert(1)</script>"), htmx=htmx)
        assert response is not None
        assert b"<script>alert" not in response.content
        assert b"&lt;script&gt;" in response.content


@pytest.mark.parametrize("bug", [ValueError("x"), KeyError("x"), ZeroDivisionError()])
def test_a_bug_is_not_dressed_up(bug: Exception) -> None:
    assert answered(bug) is None


def test_every_kind_has_a_status_of_its_own_or_that_of_the_kind_it_refines() -> None:
    assert len(set(STATUS.values())) == len(STATUS)
    assert set(STATUS) == {c for c in _kinds(MadoguchiError) if c not in (MadoguchiError, AskFirst)}
    assert status_of(AskFirst([("care:返金", "「返金」")])) == STATUS[Refused]


def _kinds(kind: type[MadoguchiError]) -> set[type[MadoguchiError]]:
    """The kinds of error that the kernel and the infrastructure know."""
    below = {k for sub in kind.__subclasses__() for k in _kinds(sub)}
    own = kind.__module__.startswith(("madoguchi.kernel", "madoguchi.infra.limits"))
    return below | ({kind} if own else set())


def test_an_answer_that_is_fine_is_left_as_it_is() -> None:
    page = HttpResponse(b"fine")
    assert AnswerClearly(lambda request: page)(HttpRequest()) is page


@pytest.mark.django_db
class TestRealPages:
    def test_absent_and_foreign_look_the_same(self, world: World) -> None:
        foreign = make_case(world.theirs.entry_point).spoken_number(world.theirs.company.prefix)
        client = Client()
        client.force_login(world.ours.agent)

        for headers in ({}, HTMX):
            answers = [
                client.get(f"/cases/{number}/", headers=headers)
                for number in (foreign, f"{world.theirs.company.prefix}-9999", "ZZZ-1", "nothing")
            ]
            assert [a.status_code for a in answers] == [404] * 4
            assert len({a.content for a in answers}) == 1

    def test_an_unknown_address_is_a_page_in_the_readers_language(self, world: World) -> None:
        client = Client()
        client.force_login(world.ours.agent)
        client.cookies["madoguchi_language"] = "en"

        response = client.get("/no/such/page/")

        assert response.status_code == 404
        assert "This page was not found" in response.content.decode()

    def test_a_form_without_its_token_is_told_what_to_do(self, world: World) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(world.ours.agent)

        response = client.post("/cases/A-1001/note/", {"note": "x"})

        assert response.status_code == 403
        assert "<html" in response.content.decode()

    @pytest.mark.parametrize("address", ["/", "/account/login/", "/no/such/page/"])
    def test_every_answer_is_guarded_in_the_browser(self, db: None, address: str) -> None:
        response = Client().get(address)

        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "same-origin"


class TestAddresses:
    @pytest.mark.parametrize(
        ("name", "arguments", "address"),
        [
            ("desk:console", [], "/"),
            ("desk:case", ["A-1001"], "/cases/A-1001/"),
            ("desk:reply", ["A-1001"], "/cases/A-1001/reply/"),
            ("portal:form", ["inquiry"], "/form/inquiry/"),
            ("administration:outbox", [], "/administration/outbox/"),
            ("account_login", [], "/account/login/"),
            ("mfa_index", [], "/account/mfa/"),
            ("usersessions_list", [], "/account/sessions/"),
            ("set_language", [], "/i18n/setlang/"),
        ],
    )
    def test_what_is_in_mails_and_bookmarks_stays_where_it_is(
        self, name: str, arguments: list[str], address: str
    ) -> None:
        assert reverse(name, args=arguments) == address

    @pytest.mark.django_db
    def test_the_style_guide_is_not_shown_to_users(self, world: World) -> None:
        client = Client()
        client.force_login(world.administrator)
        assert client.get("/look/").status_code == 404

    @pytest.mark.django_db
    def test_the_short_address_of_the_outbox(self, world: World) -> None:
        client = Client()
        client.force_login(world.ours.supervisor)
        assert client.get("/outbox/").url == "/administration/outbox/"
        assert Client().get("/outbox/").url.startswith("/account/login/")
