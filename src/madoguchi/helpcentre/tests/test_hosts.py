"""Addresses of a company's own: which names are taken, what proves them, and what is found under them."""

import pytest
from django.test import Client, override_settings
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.helpcentre.actions import prove_host, set_up_help_centre
from madoguchi.helpcentre.hosts import record_of, tidied_host
from madoguchi.helpcentre.models import HelpCentre
from madoguchi.helpcentre.queries import centre_at
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.knowledge.factories import approved
from madoguchi.people.factories import Side, World
from madoguchi.people.queries import actor_of
from madoguchi.project import own_hosts

HOST = "help.hinata.example"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("  ", ""),
        ("Help.Hinata.Example", HOST),
        ("https://help.hinata.example/", HOST),
        ("help.hinata.example.", HOST),
        ("ヘルプ.example", "xn--udkb1d.example"),
    ],
)
def test_a_name_is_kept_as_the_dns_writes_it(typed, kept) -> None:
    assert tidied_host(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        *("localhost", "a b.example", "help.example:8080", "help.example/help", "-a.example", "a..example"),
        *("10.0.0.1", "[::1]", "a" * 64 + ".example", "*.example", "a@b.example", f"{'a.' * 130}example"),
        *("testserver.", "\x00.example", "help.example\nx"),
    ],
)
def test_what_is_no_name_of_another_host_is_refused(typed) -> None:
    with pytest.raises(Refused):
        tidied_host(typed)


@override_settings(
    ALLOWED_HOSTS=["desk.example", ".inner.example"], BASE_URL="https://a.example", FILES_ORIGIN=""
)
@pytest.mark.parametrize("typed", ["desk.example", "x.inner.example", "a.example"])
def test_the_names_of_the_installation_are_refused(typed) -> None:
    with pytest.raises(Refused, match="このシステム自身"):
        tidied_host(typed)


@given(st.text(max_size=40))
def test_whatever_is_typed_is_kept_as_a_host_or_refused(typed) -> None:
    try:
        kept = tidied_host(typed)
    except Refused:
        return
    assert kept == kept.lower()
    assert kept.isascii()
    assert tidied_host(kept) == kept
    assert not set(kept) & set(" /:@?#\\*\r\n\t\x00")


def opened(side: Side, *, host: str = HOST, is_open: bool = True) -> HelpCentre:
    said = {"is_open": is_open, "title": "ご案内", "introduction": "", "contact": None, "host": host}
    return set_up_help_centre(side.company, **said, by=actor_of(side.company_manager))


def proven(side: Side, *, host: str = HOST) -> None:
    name, text = record_of(side.company, host)
    prove_host(side.company, by=actor_of(side.company_manager), ask=lambda asked: [text] * (asked == name))


@pytest.fixture(autouse=True)
def _nothing_known():
    own_hosts._slug_at.cache_clear()
    yield
    own_hosts._slug_at.cache_clear()


@pytest.mark.django_db
class TestProving:
    def test_by_the_record_alone(self, world: World) -> None:
        side = world.ours
        with side.scope():
            opened(side)
            _name, text = record_of(side.company, HOST)
            foreign = record_of(world.theirs.company, HOST)[1]

            # when the DNS has nothing, or the record of another company
            for found in ([], [foreign], [text.upper()], [f"{text}x"]):
                with pytest.raises(Refused, match="レコードがまだありません"):
                    prove_host(
                        side.company, by=actor_of(side.company_manager), ask=lambda _n, found=found: found
                    )
            assert (HelpCentre.objects.get().host_proven_at, centre_at(HOST)) == (None, "")

            # when
            now = clock.now()
            with clock.held_at(now):
                proven(side)
                proven(side)

            # then
            assert HelpCentre.objects.get().host_proven_at == now
            assert centre_at(HOST) == side.company.slug
            [told] = Event.objects.filter(kind="help_centre.host_proven")
            assert told.data == {"host": HOST}

            # and another name, or a closed help centre, stands nowhere
            opened(side, is_open=False)
            assert centre_at(HOST) == ""
            opened(side, host="faq.hinata.example")
            assert HelpCentre.objects.get().host_proven_at is None
            assert (centre_at(HOST), centre_at("faq.hinata.example")) == ("", "")

    def test_not_without_a_name_and_not_by_others(self, world: World) -> None:
        side = world.ours
        with side.scope():
            opened(side, host="")
            with pytest.raises(Refused, match="先にアドレス"):
                prove_host(side.company, by=actor_of(side.company_manager), ask=lambda _name: [])
            with pytest.raises(NotAllowed):
                prove_host(side.company, by=actor_of(side.supervisor), ask=lambda _name: [])

    def test_of_two_companies_one_has_it(self, world: World) -> None:
        for side in (world.ours, world.theirs):
            with side.scope():
                opened(side)
        with world.ours.scope():
            proven(world.ours)
        with world.theirs.scope(), pytest.raises(Refused, match="別のヘルプセンター"):
            proven(world.theirs)
        with world.theirs.scope():
            assert HelpCentre.objects.get().host_proven_at is None
        assert centre_at(HOST) == world.ours.company.slug


@pytest.mark.django_db
class TestWhatIsFoundThere:
    @pytest.fixture
    def slug(self, world: World) -> str:
        side = world.ours
        with side.scope():
            opened(side)
            approved(
                side.company, by=actor_of(side.company_manager), title="返品の期限", body="8日以内です。"
            )
            proven(side)
        return side.company.slug

    def test_the_help_centre_and_nothing_else(self, slug: str, world: World) -> None:
        visitor = Client(headers={"Accept-Language": "ja"}, SERVER_NAME=HOST, HTTP_HOST=HOST)

        # then
        answer = visitor.get("/")
        assert (answer.status_code, answer["Location"]) == (302, f"/help/{slug}/")
        page = visitor.get(f"/help/{slug}/")
        assert page.status_code == 200
        assert f'<link rel="canonical" href="http://{HOST}/help/{slug}/">' in page.content.decode()
        assert (
            f"<loc>http://{HOST}/help/{slug}/</loc>"
            in visitor.get(f"/help/{slug}/sitemap.xml").content.decode()
        )
        for place in (
            *("/cases/", "/api/v1/cases", "/account/login/", "/administration/", f"/help/{slug}"),
            *(
                "/form/hinata/",
                f"/help/{world.theirs.company.slug}/",
                "/i18n/setlang/",
                f"/help/{slug}x/",
                "/live/",
                f"/help/{slug}/../../cases/",
            ),
        ):
            assert visitor.get(place).status_code == 404, place

    def test_whoever_is_signed_in_reads_no_case_there(self, slug: str, world: World) -> None:
        person = Client()
        person.force_login(world.ours.agent, backend="django.contrib.auth.backends.ModelBackend")
        assert person.get("/", HTTP_HOST=HOST).status_code == 302
        assert person.get("/cases/", HTTP_HOST=HOST).status_code == 404

    def test_an_unknown_name_is_refused_as_ever(self, slug: str) -> None:
        visitor = Client(headers={"Accept-Language": "ja"}, HTTP_HOST="other.example")
        assert visitor.get(f"/help/{slug}/").status_code == 400

    def test_where_every_name_is_allowed_it_is_still_the_help_centre_alone(self, slug: str) -> None:
        visitor = Client(headers={"Accept-Language": "ja"}, HTTP_HOST=HOST)
        with override_settings(ALLOWED_HOSTS=["*"]):
            assert visitor.get(f"/help/{slug}/").status_code == 200
            assert visitor.get("/account/login/").status_code == 404

    def test_a_name_is_looked_up_once_in_half_a_minute(self, slug: str, django_assert_num_queries) -> None:
        visitor, now = Client(headers={"Accept-Language": "ja"}, HTTP_HOST=HOST), clock.now()
        with clock.held_at(now.replace(second=0)):
            visitor.get("/")
            with django_assert_num_queries(0):
                visitor.get("/")
