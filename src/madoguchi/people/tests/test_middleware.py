"""What every request gets: a language, and a scope that is closed again whatever happens."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import translation

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.companies.models import Company
from madoguchi.infra import scope
from madoguchi.infra.scope import Unscoped
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import NotAllowed
from madoguchi.people.access import public, requires
from madoguchi.people.factories import World, make_operator_person
from madoguchi.people.middleware import ChosenLanguage, WithinScope
from madoguchi.people.models import User

pytestmark = pytest.mark.django_db
Answer = Callable[[HttpRequest], HttpResponse]


def asked(user: User | AnonymousUser, **cookies: str) -> HttpRequest:
    request = RequestFactory().get("/")
    request.user = user
    request.COOKIES.update(cookies)
    return request


@pytest.fixture(autouse=True)
def _closed_before_and_after() -> Iterator[None]:
    with pytest.raises(Unscoped):
        scope.current()
    yield
    with pytest.raises(Unscoped):
        scope.current()


def renaming(company: Company, status: int = 200) -> Answer:
    """A page that changes something and then answers with this status."""

    def page(request: HttpRequest) -> HttpResponse:
        Company.objects.filter(pk=company.pk).update(name="変えた")
        return HttpResponse(status=status)

    return page


def name_of(company: Company) -> str:
    with scope.everywhere(reason="a test looks at everything"):
        return str(Company.objects.values_list("name", flat=True).get(pk=company.pk))


class TestScope:
    def test_it_holds_the_companies_of_whoever_asks(self, world: World) -> None:
        seen: dict[str, object] = {}

        def page(request: HttpRequest) -> HttpResponse:
            seen["scope"], seen["actor"] = scope.current(), request.actor  # type: ignore[attr-defined]
            return HttpResponse()

        for person, companies in (
            (world.ours.agent, {world.ours.company.pk}),
            (world.ours.company_staff, {world.ours.company.pk}),
            (world.theirs.manager, {world.theirs.company.pk}),
            (world.administrator, {world.ours.company.pk, world.theirs.company.pk}),
        ):
            WithinScope(page)(asked(person))
            assert seen["scope"] == frozenset(companies)
            assert (seen["actor"].id, seen["actor"].name) == (person.pk, person.name)  # type: ignore[attr-defined]

    def test_whoever_is_not_signed_in_gets_none(self, world: World) -> None:
        def page(request: HttpRequest) -> HttpResponse:
            with pytest.raises(Unscoped):
                Case.objects.count()
            assert not hasattr(request, "actor")
            return HttpResponse(status=204)

        assert WithinScope(page)(asked(AnonymousUser())).status_code == 204

    @pytest.mark.parametrize("status", [200, 302, 404, 422])
    def test_what_a_page_did_is_kept(self, world: World, status: int) -> None:
        company = world.ours.company
        WithinScope(renaming(company, status))(asked(world.ours.agent))

        assert name_of(company) == "変えた"

    @pytest.mark.parametrize("status", [500, 503])
    def test_unless_the_page_failed(self, world: World, status: int) -> None:
        company = world.ours.company
        response = WithinScope(renaming(company, status))(asked(world.ours.agent))

        assert response.status_code == status
        assert name_of(company) == "ひなた衣料"

    def test_nor_when_it_raised(self, world: World) -> None:
        company = world.ours.company

        def page(request: HttpRequest) -> HttpResponse:
            renaming(company)(request)
            raise ValueError("a bug")

        with pytest.raises(ValueError, match="a bug"):
            WithinScope(page)(asked(world.ours.agent))

        assert name_of(company) == "ひなた衣料"

    def test_another_companys_rows_are_out_of_reach_of_any_page(self, world: World) -> None:
        case = make_case(world.ours.entry_point)

        def page(request: HttpRequest) -> HttpResponse:
            assert Case.objects.filter(pk=case.pk).update(subject="変えた") == 0
            return HttpResponse(str(Case.objects.count()))

        assert WithinScope(page)(asked(world.theirs.manager)).content == b"0"

    def test_somebody_who_belongs_nowhere_sees_nothing(self, world: World) -> None:
        make_case(world.ours.entry_point)
        nobody = make_operator_person(world.ours.operator)

        def page(request: HttpRequest) -> HttpResponse:
            return HttpResponse(f"{Case.objects.count()} {Company.objects.count()}")

        assert WithinScope(page)(asked(nobody)).content == b"0 0"

    def test_what_ended_yesterday_is_out_of_sight_with_the_next_request(self, world: World) -> None:
        client = Client()
        client.force_login(world.ours.agent)
        case = make_case(world.ours.entry_point)
        address = f"/cases/{case.spoken_number(world.ours.company.prefix)}/"
        assert client.get(address).status_code == 200
        with world.ours.scope():
            engagement = world.ours.engagement
            engagement.ends_on = clock.now().astimezone(clock.TOKYO).date() - timedelta(days=1)
            engagement.save()

        assert client.get(address).status_code in (403, 404)

    def test_a_real_page_that_fails_changes_nothing_and_says_sorry(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def bug(*args: object, **more: object) -> None:
            raise ZeroDivisionError

        case = make_case(world.ours.entry_point)
        client = Client(raise_request_exception=False)
        client.force_login(world.ours.agent)
        monkeypatch.setattr("madoguchi.desk.pages.changing.acted", bug)
        number = case.spoken_number(world.ours.company.prefix)
        response = client.post(f"/cases/{number}/status/", {"status": "solved"})

        assert response.status_code == 500
        assert "ZeroDivisionError" not in response.content.decode()
        with world.ours.scope():
            assert Case.objects.get().status == "new"


class TestLanguage:
    @pytest.mark.parametrize(
        ("cookie", "language"), [("", "ja"), ("ja", "ja"), ("en", "en"), ("fr", "ja"), ("../en", "ja")]
    )
    def test_it_is_the_chosen_one_or_japanese(self, cookie: str, language: str) -> None:
        def page(request: HttpRequest) -> HttpResponse:
            return HttpResponse(translation.get_language())

        before = translation.get_language()
        response = ChosenLanguage(page)(asked(AnonymousUser(), madoguchi_language=cookie))

        assert response.content.decode() == language
        assert response.headers["Content-Language"] == language
        assert translation.get_language() == before

    def test_a_page_that_knows_better_says_so_itself(self) -> None:
        def page(request: HttpRequest) -> HttpResponse:
            return HttpResponse(headers={"Content-Language": "en"})

        assert ChosenLanguage(page)(asked(AnonymousUser())).headers["Content-Language"] == "en"

    def test_it_is_chosen_before_signing_in_and_remembered(self, db: None) -> None:
        client = Client()
        assert client.get("/account/login/").headers["Content-Language"] == "ja"
        chosen = client.post("/i18n/setlang/", {"language": "en", "next": "/account/login/"})

        assert (chosen.status_code, chosen.url) == (302, "/account/login/")
        assert client.cookies["madoguchi_language"].value == "en"
        page = client.get("/account/login/")
        assert page.headers["Content-Language"] == "en"
        assert '<html lang="en"' in page.content.decode()
        assert "Sign in" in page.content.decode()

    def test_no_language_leads_to_another_site(self, db: None) -> None:
        chosen = Client().post("/i18n/setlang/", {"language": "en", "next": "https://evil.example/"})

        assert chosen.url == "/"


class TestDoors:
    def test_a_page_is_opened_to_who_holds_its_permission(self, world: World) -> None:
        @requires(Permission.QUARANTINE)
        def page(request: HttpRequest, number: int) -> HttpResponse:
            return HttpResponse(str(number))

        def open_(person: User) -> HttpResponse:
            return WithinScope(lambda request: page(request, 7))(asked(person))

        assert open_(world.ours.supervisor).content == b"7"
        for person in (world.ours.agent, world.ours.company_manager, world.administrator):
            with pytest.raises(NotAllowed) as refused:
                open_(person)
            assert refused.value.args == (Permission.QUARANTINE,)

    def test_it_says_which_and_keeps_its_name(self) -> None:
        @requires(Permission.AUDIT)
        def page(request: HttpRequest) -> HttpResponse:
            """What it is for."""
            return HttpResponse()

        assert page.permission == Permission.AUDIT  # type: ignore[attr-defined]
        assert (page.__name__, page.__doc__) == ("page", "What it is for.")

    def test_a_public_page_says_why(self) -> None:
        @public("a customer has no account")
        def page(request: HttpRequest) -> HttpResponse:
            return HttpResponse()

        assert page.public == "a customer has no account"  # type: ignore[attr-defined]
        assert page.login_required is False  # type: ignore[attr-defined]
        assert page(SimpleNamespace()).status_code == 200  # type: ignore[arg-type]


@pytest.mark.parametrize("address", ["/administration/people/", "/account/sessions/", "/cases/"])
def test_no_cache_keeps_what_a_signed_in_person_is_shown(world: World, client: Client, address: str) -> None:
    client.force_login(world.ours.manager)

    response = client.get(address)

    assert response.status_code == 200
    assert {"no-store", "private"} <= set(response["Cache-Control"].split(", "))
