"""What was said does not tell what the contract keeps: over every road by which an agent reads it."""

import json
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from madoguchi.cases.actions import add_note
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.companies.models import Engagement
from madoguchi.complaints.actions import Written, make_complaint
from madoguchi.complaints.models import Complaint
from madoguchi.customers.blots import blotter_for
from madoguchi.customers.models import Customer, Identity
from madoguchi.customers.unmasking import unmask
from madoguchi.desk.tests.conftest import HTMX, counted, everything, signed_in
from madoguchi.desk.urls import urlpatterns
from madoguchi.exports.tables import rows_of
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.knowledge.factories import approved
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.search.factories import index_everything
from madoguchi.signals.actions import Seen, raise_signal

pytestmark = pytest.mark.django_db(transaction=True)
SECRETS = (
    "髙橋",
    "高橋",
    "橋 美咲",
    "ミサキ",
    "みさき",
    "1234-5678",
    "12345678",
    "misaki@",
    "千代田",
    "1-2-3",
    "一丁目",
)
SAID = (
    "髙橋 美咲(タカハシミサキ)です。ﾐｻｷとお呼びください。090-1234-5678か０９０１２３４５６７８、misaki@home.example、"
    "東京都千代田区1-2-3(千代田区一丁目2番3号)へ鉄瓶がまだ届きません。"
)
FIELDS = ["address", "email", "kana", "name", "phone"]


@pytest.fixture
def case(world: World) -> Case:
    made = make_case(world.ours.entry_point, subject="髙橋 美咲 090-1234-5678 鉄瓶の件", text=SAID)
    agent = actor_of(world.ours.agent)
    with world.ours.scope():
        customer = Customer.objects.get(pk=made.customer_id)
        customer.name, customer.kana, customer.address = "髙橋 美咲", "タカハシ ミサキ", "東京都千代田区1-2-3"
        customer.save()
        for kind, value, written in (
            ("email", "misaki@home.example", "misaki@home.example"),
            ("phone", "+819012345678", "090-1234-5678"),
        ):
            Identity.objects.get_or_create(
                customer=customer,
                company=world.ours.company,
                kind=kind,
                value=value,
                defaults={"written": written},
            )
        add_note(made, text=f"電話で伺う。{SAID}", by=agent)
        raise_signal(made, Seen(kind="delivery", words="髙橋 美咲さんの鉄瓶が届かない"), by=agent)
        due = clock.now() + timedelta(days=1)
        make_complaint(made, Written(facts=SAID, severity=2, due_at=due), by=agent)
        index_everything()
    return made


@pytest.fixture
def keep(world: World) -> Callable[..., None]:
    def keeps(fields: list[str], level: str = "masked") -> None:
        with scope.everywhere(reason="a test changes the contract"):
            Engagement.objects.filter(company=world.ours.company).update(**{level: fields})

    return keeps


def roads_to(number: str) -> list[str]:
    """Every address of the console that names nothing but a case, or nothing; and a search."""
    found = ["/cases/?q=鉄瓶", "/find/?q=鉄瓶", "/signals/?which=all"]
    for pattern in urlpatterns:
        names = set(getattr(pattern.pattern, "converters", {}))
        if names <= {"number"}:
            found.append(reverse(f"desk:{pattern.name}", kwargs={"number": number} if names else {}))
    return [*found, f"/cases/{number}/earlier/?before=2099-01-01T00:00:00Z"]


def read_of(response: HttpResponse) -> str:
    """What somebody reads of an answer, whatever it is written in."""
    body = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    is_json = response["Content-Type"].startswith("application/json")
    return (
        json.dumps(json.loads(body), ensure_ascii=False)
        if is_json
        else unescape(body.decode("utf-8", "replace"))
    )


def told_in(page: str, secrets: tuple[str, ...] = SECRETS) -> list[str]:
    return [secret for secret in secrets if secret in page]


@pytest.mark.parametrize("level", ["masked", "hidden"])
def test_no_page_shows_what_is_kept(world: World, case: Case, keep: Callable[..., None], level: str) -> None:
    number = case.spoken_number(world.ours.company.prefix)
    keep(FIELDS, level)
    client = signed_in(world.ours.agent)

    answers = {road: client.get(road) for road in roads_to(number)}

    read = {road: read_of(one) for road, one in answers.items() if one.status_code == 200}
    assert {road: told for road, page in read.items() if (told := told_in(page))} == {}
    assert len(read) > 60
    for road in ("/cases/?q=鉄瓶", "/find/?q=鉄瓶", f"/cases/{number}/"):
        assert "鉄瓶" in read[road]


def test_who_sees_all_is_shown_all(world: World, case: Case) -> None:
    number = case.spoken_number(world.ours.company.prefix)

    page = read_of(signed_in(world.ours.agent).get(f"/cases/{number}/"))

    assert SAID in page


def test_no_search_tells_by_a_hit_what_is_kept(world: World, case: Case, keep: Callable[..., None]) -> None:
    client = signed_in(world.ours.agent)
    asked = (
        "美咲",
        "みさき",
        "09012345678",
        "1234-5678",
        "misaki@home.example",
        "千代田区1-2-3",
        "鉄瓶 美咲",
    )
    number = case.spoken_number(world.ours.company.prefix)

    def found() -> list[str]:
        return [words for words in asked if number in read_of(client.get("/cases/", {"q": words}))]

    before = found()
    keep(FIELDS)

    assert (before, found()) == (list(asked), [])
    assert number in read_of(client.get("/cases/", {"q": "鉄瓶"}))


def test_no_file_shows_it(world: World, case: Case, keep: Callable[..., None]) -> None:
    keep(FIELDS)
    with world.ours.scope():
        rows, count = rows_of(
            [case.pk], ["number", "subject", "customer"], {}, actor=actor_of(world.ours.agent)
        )

    assert (told_in(rows), count) == ([], 1)
    assert "鉄瓶の件" in rows


def test_a_subject_that_is_left_as_it_was_shown_stays(
    world: World, case: Case, keep: Callable[..., None]
) -> None:
    keep(["name", "phone"])
    client = signed_in(world.ours.agent)
    number = case.spoken_number(world.ours.company.prefix)
    page = read_of(client.get(f"/cases/{number}/"))
    shown = "•• •• ••••••••••••• 鉄瓶の件"

    assert f'value="{shown}"' in page
    said = "髙橋 美咲 090-1234-5678 鉄瓶の件"
    for typed, kept in (
        (shown, said),
        (f"至急 {shown}", f"至急 {said}"),
        (f"至急 {shown[1:]}", f"至急 {said}"),
        (f"{shown} 済み", f"{said} 済み"),
        ("鉄瓶の件", "鉄瓶の件"),
    ):
        client.post(f"/cases/{number}/subject/", {"subject": typed})
        with world.ours.scope():
            assert Case.objects.get(pk=case.pk).subject == kept


def test_what_is_unmasked_for_a_reason_stands_in_the_words_too(
    world: World, case: Case, keep: Callable[..., None]
) -> None:
    keep(FIELDS)
    number = case.spoken_number(world.ours.company.prefix)
    supervisor = actor_of(world.ours.supervisor)
    with world.ours.scope():
        customer = Customer.objects.get(pk=case.customer_id)
        unmask(customer, "phone", reason="折り返しの電話のため", desk=world.ours.desk.pk, by=supervisor)

    page = read_of(signed_in(world.ours.supervisor).get(f"/cases/{number}/"))

    assert "090-1234-5678" in page
    assert told_in(page, ("髙橋", "ミサキ", "misaki@", "千代田")) == []


def test_who_sees_all_pays_no_query_for_it(world: World, case: Case, keep: Callable[..., None]) -> None:
    with world.ours.scope(), CaptureQueriesContext(connection) as queries:
        assert blotter_for(case.customer, actor=actor_of(world.ours.agent)).is_none
    assert [one["sql"] for one in queries if "identity" in one["sql"]] == []


def test_who_sees_in_part_pays_few_queries_more(world: World, case: Case, keep: Callable[..., None]) -> None:
    """What is shown to them for a while, how the addresses are written, and whose case has this number."""
    path, agent = f"/cases/{case.spoken_number(world.ours.company.prefix)}/", signed_in(world.ours.agent)
    agent.get(path)
    with counted() as of_all:
        agent.get(path)
    keep(FIELDS)
    with counted() as of_part:
        agent.get(path)

    more = [one for one in of_part.queries if one not in of_all.queries]
    assert [one.split(" FROM ")[1].split()[0].strip('"') for one in more] == [
        "customers_unmasking",
        "customers_identity",
        "cases_case",
    ]


def test_no_answer_to_a_script_shows_what_is_kept(
    world: World, case: Case, keep: Callable[..., None]
) -> None:
    """An article is named after a customer: found beside a case of theirs, it tells nothing of them."""
    approver = actor_of(world.ours.company_manager)
    with world.ours.scope():
        approved(world.ours.company, by=approver, title="鉄瓶と髙橋 美咲の件")
        index_everything()
    browser = signed_in(world.ours.agent)
    whole = browser.get(reverse("desk:find"), {"q": "鉄瓶"}).json()["results"]
    assert whole[0]["label"] == "鉄瓶と髙橋 美咲の件"

    keep(["name"])

    kept = browser.get(reverse("desk:find"), {"q": "鉄瓶"}).json()["results"]
    assert [one["url"] for one in kept] == [one["url"] for one in whole]
    assert told_in(json.dumps(kept, ensure_ascii=False), ("髙橋", "美咲")) == []


APART = "電話 ••• あ •••• い •••• か 7•••••••••••"


def test_dots_that_are_written_apart_show_nothing_and_the_log_says_who_tried(
    world: World, case: Case, keep: Callable[..., None]
) -> None:
    said = "電話 090 1234 5678 か 09012345678"
    with world.ours.scope():
        Case.objects.filter(pk=case.pk).update(subject=said)
        Customer.objects.filter(pk=case.customer_id).update(memo=said)
    keep(["phone"])
    client, number = signed_in(world.ours.agent), case.spoken_number(world.ours.company.prefix)
    seal = seal_of(read_of(client.get(f"/cases/{number}/")))

    answers = [
        client.post(f"/cases/{number}/subject/", {"subject": APART}),
        client.post(f"/cases/{number}/memo/", {"memo": APART, "kept_back": seal}),
    ]

    assert [one.status_code for one in answers] == [422, 422]
    assert [told_in(read_of(one), ("0007", "1234", "5678")) for one in answers] == [[], []]
    with world.ours.scope():
        assert (Case.objects.get(pk=case.pk).subject, Customer.objects.get(pk=case.customer_id).memo) == (
            said,
            said,
        )
    (tried,) = everything(Event, kind="customer.refused")
    assert (tried.data["customer"], tried.data["field"], tried.data["way"], tried.actor_id) == (
        case.customer_id,
        "phone",
        "change",
        world.ours.agent.pk,
    )


def test_what_was_taken_out_does_not_come_back_by_an_old_page_and_what_is_shown_again_is_not_lost(
    world: World, case: Case, keep: Callable[..., None]
) -> None:
    with world.ours.scope():
        Customer.objects.filter(pk=case.customer_id).update(memo="連絡先 09012345678")
    keep(["phone"])
    client, number = signed_in(world.ours.agent), case.spoken_number(world.ours.company.prefix)
    sent = {"memo": "連絡先 ••••••••••• 夜", "kept_back": seal_of(read_of(client.get(f"/cases/{number}/")))}

    # Meanwhile the contract keeps nothing from them any more.
    keep([])
    assert client.post(f"/cases/{number}/memo/", sent).status_code == 302
    assert memo_of(world, case) == "連絡先 09012345678 夜"

    with world.ours.scope():
        Customer.objects.filter(pk=case.customer_id).update(memo="番号は削除しました")
    keep(["phone"])
    refused = client.post(f"/cases/{number}/memo/", sent)
    assert (refused.status_code, memo_of(world, case)) == (422, "番号は削除しました")


def test_a_complaint_that_was_changed_meanwhile_is_not_what_it_was_by_an_old_page(
    world: World, case: Case, keep: Callable[..., None]
) -> None:
    """Its facts are bound to what is stored of them: as long as that is the same they are put back."""
    with world.ours.scope():
        found = Complaint.objects.get()
    keep(FIELDS)
    client, road = signed_in(world.ours.agent), f"/complaints/{found.pk}/"
    page = read_of(client.get(road))
    shown, behind = page.split('name="facts"')[1].split("</textarea>", 1)
    form = {
        "facts": f"{shown.split('>', 1)[1].strip()} 追記",
        "kept_back": behind.split('name="kept_back" value="')[1].split('"')[0],
        "severity": "2",
        "due": "2099-01-01",
    }

    client.post(f"{road}change/", form)
    with world.ours.scope():
        now = Complaint.objects.get().facts
    assert now in (SAID, f"{SAID} 追記")

    with world.ours.scope():
        Complaint.objects.update(facts="個人情報を削除しました")
    refused = client.post(f"{road}change/", form)

    with world.ours.scope():
        assert (refused.status_code, Complaint.objects.get().facts) == (422, "個人情報を削除しました")
    assert "この内容はほかの方が変更したか" in read_of(refused)
    assert told_in(read_of(refused)) == []


@pytest.mark.parametrize("typed", ["•••", "連絡先 •••••••••••", "連絡先 ••••••••••• 夜"])
def test_without_a_seal_no_dots_are_stored_over_what_is_kept(
    world: World, case: Case, keep: Callable[..., None], typed: str
) -> None:
    with world.ours.scope():
        Customer.objects.filter(pk=case.customer_id).update(memo="連絡先 09012345678")
    keep(["phone"])
    client, number = signed_in(world.ours.agent), case.spoken_number(world.ours.company.prefix)

    refused = client.post(f"/cases/{number}/memo/", {"memo": typed})

    assert (refused.status_code, memo_of(world, case)) == (422, "連絡先 09012345678")


SHOP = "店 03-9876-5432 shop@home.example"
SHOP_SHOWN = "店 •••••••••••• •••••••••••••••••"


def test_a_memo_is_blotted_as_a_mail_is_and_saved_as_it_was(
    world: World, case: Case, keep: Callable[..., None]
) -> None:
    """Numbers and addresses that are not the customer's, too."""
    with world.ours.scope():
        Customer.objects.filter(pk=case.customer_id).update(memo=SHOP)
        add_note(case, text=SHOP, by=actor_of(world.ours.agent))
    keep(["phone", "email"])
    client, number = signed_in(world.ours.agent), case.spoken_number(world.ours.company.prefix)
    page = read_of(client.get(f"/cases/{number}/"))
    assert page.count(SHOP_SHOWN) == 2
    assert told_in(page, ("9876", "shop@")) == []

    sent = {"memo": f"{SHOP_SHOWN} 夜", "kept_back": seal_of(page)}
    assert client.post(f"/cases/{number}/memo/", sent).status_code == 302
    assert memo_of(world, case) == f"{SHOP} 夜"

    apart = {"memo": SHOP_SHOWN.replace("•", "• ", 1), "kept_back": seal_of(page)}
    for wrong in (apart, {"memo": SHOP_SHOWN}):
        assert client.post(f"/cases/{number}/memo/", wrong).status_code == 422
    assert memo_of(world, case) == f"{SHOP} 夜"
    assert everything(Event, kind="customer.refused") == []


def test_a_number_that_is_typed_into_a_memo_turns_into_dots_whosever_it_is(
    world: World, case: Case, keep: Callable[..., None]
) -> None:
    keep(["phone"])
    client, number = signed_in(world.ours.agent), case.spoken_number(world.ours.company.prefix)
    saved = client.post(f"/cases/{number}/memo/", {"memo": "090-1234-5678、090-1234-5679"}, headers=HTMX)

    assert saved.status_code == 200
    assert f"{'•' * 13}、{'•' * 13}" in read_of(saved)
    assert told_in(read_of(saved), ("5678", "5679")) == []


def memo_of(world: World, case: Case) -> str:
    with world.ours.scope():
        return Customer.objects.get(pk=case.customer_id).memo


def seal_of(page: str) -> str:
    """That of the memo, which is the one field of a case's page that holds what is kept when nothing was drafted."""
    return page.split('name="memo"')[1].split('name="kept_back" value="')[1].split('"')[0]
