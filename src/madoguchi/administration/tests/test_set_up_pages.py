"""Companies, operators, engagements, desks, entry points and forms, as people set them up in a browser."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from madoguchi.administration.waits import WaitLine
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import ReplyTime
from madoguchi.channels.webform.queries import QuestionKind, shape_of
from madoguchi.commerce.factories import make_variant
from madoguchi.companies.factories import (
    make_company,
    make_desk,
    make_engagement,
    make_entry_point,
    make_operator,
)
from madoguchi.companies.models import Company, Desk, Engagement, EntryPoint, OperatorCompany
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.actor import OperatingModel
from madoguchi.kernel.channel import Channel
from madoguchi.knowledge.actions import Said, Settings, add_article
from madoguchi.knowledge.factories import approve
from madoguchi.knowledge.models import Article, ReplyTemplate
from madoguchi.people.factories import World, make_person
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from madoguchi.voice.models import NumberNotice, NumberProduct

Browser = Callable[[User], Client]
Facts = Callable[[], list[tuple[str, dict[str, Any]]]]


def url(name: str, *args: int) -> str:
    return reverse(f"administration:{name}", args=args)


def everything() -> Any:
    return scope.everywhere(reason="a test looks at all companies")


def desk_form(**changed: object) -> dict[str, object]:
    given = {
        "name": "修理相談",
        "public_name": "修理センター",
        "kind": "technical",
        "greeting": "修理センターでございます。",
        "hand_off": "transfer",
        "hours": "",
        "signature": "",
        "acknowledge": "on",
    }
    return {**given, "acknowledgement": "", **changed}


class TestFromNothing:
    def test_empty_lists_say_what_to_do_first(self, db: None, signed_in: Browser) -> None:
        browser = signed_in(make_person(administrator=True))
        for name in (
            "companies",
            "operators",
            "engagements",
            "desks",
            "entry_points",
            "mail_servers",
            "templates",
        ):
            page = browser.get(url(name))
            assert page.status_code == 200
            assert '<div class="empty"' in page.content.decode(), name

    def test_a_company_leads_to_its_desk_and_its_entry_point(
        self, db: None, signed_in: Browser, facts: Facts
    ) -> None:
        browser = signed_in(make_person(administrator=True))
        added = browser.post(
            url("company_new"), {"name": "ひばり", "slug": "hibari", "prefix": "H", "accent_hue": "30"}
        )
        assert (added.status_code, added["Location"]) == (302, url("desk_new"))
        with everything():
            company = Company.objects.get(slug="hibari")
        desk_added = browser.post(url("desk_new"), desk_form(company=company.pk))
        with everything():
            desk = Desk.objects.get(company=company)
        assert desk_added["Location"] == url("entry_point_new", desk.pk)
        point_added = browser.post(
            url("entry_point_new", desk.pk), {"kind": "email", "address": "help@hibari.example"}
        )
        with everything():
            point = EntryPoint.objects.get(desk=desk)
        assert point_added["Location"] == url("mailbox", point.pk)
        assert [kind for kind, _ in facts()] == ["company.added", "desk.added", "entry_point.added"]


class TestCompanies:
    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"prefix": "h1"}, "prefix"),
            ({"slug": "ひばり"}, "slug"),
            ({"name": ""}, "name"),
            ({"slug": "taken"}, "slug"),
        ],
    )
    def test_what_is_wrong_stands_beside_its_field(
        self, world: World, signed_in: Browser, changed: dict[str, str], field: str
    ) -> None:
        make_company(slug="taken")
        given = {"name": "ひばり", "slug": "hibari", "prefix": "HB", "accent_hue": "30", **changed}
        page = signed_in(world.administrator).post(url("company_new"), given)
        assert page.status_code == 422
        assert list(page.context["form"].errors) == [field]
        with everything():
            assert not Company.objects.filter(name="ひばり").exists()

    def test_name_and_colour_change_and_nothing_else(self, world: World, signed_in: Browser) -> None:
        company = world.ours.company
        signed_in(world.administrator).post(
            url("company", company.pk),
            {"name": "ひなた", "accent_hue": "150", "slug": "other", "prefix": "ZZZ"},
        )
        with everything():
            kept = Company.objects.get(pk=company.pk)
        assert (kept.name, kept.accent_hue) == ("ひなた", 150)
        assert (kept.slug, kept.prefix) == (company.slug, company.prefix)

    def test_operators_are_added_and_renamed(self, world: World, signed_in: Browser) -> None:
        browser = signed_in(world.administrator)
        browser.post(url("operator_new"), {"name": "ひなた自社", "own_of": world.ours.company.pk})
        own = OperatorCompany.objects.get(name="ひなた自社")
        assert own.own_of_id == world.ours.company.pk
        browser.post(url("operator", own.pk), {"name": "ひなたサポート"})
        assert OperatorCompany.objects.get(pk=own.pk).name == "ひなたサポート"
        again = browser.post(url("operator_new"), {"name": "ひなたサポート"})
        assert (again.status_code, list(again.context["form"].errors)) == (422, ["name"])


class TestEngagements:
    def test_an_operator_is_engaged_and_its_view_narrowed(self, world: World, signed_in: Browser) -> None:
        browser, operator = signed_in(world.administrator), make_operator()
        assert "---" not in browser.get(url("engagement_new")).text
        terms = {"model": "vendor_centre", "starts_on": "2026-04-01", "ends_on": ""}
        answer = browser.post(
            url("engagement_new"), {"operator": operator.pk, "desk": world.ours.desk.pk, **terms}
        )
        with everything():
            made = Engagement.objects.get(operator=operator)
        assert answer["Location"] == url("engagement", made.pk)
        assert made.starts_on == date(2026, 4, 1)
        levels = {"name": "shown", "kana": "shown", "email": "masked", "phone": "masked", "member": "shown"}
        browser.post(url("engagement_data_scope", made.pk), {**levels, "address": "hidden", "memo": "hidden"})
        with everything():
            made.refresh_from_db()
        assert (made.masked, made.hidden) == (["email", "phone"], ["address", "memo"])

    def test_the_grid_shows_what_holds(self, world: World, signed_in: Browser) -> None:
        with everything():
            Engagement.objects.filter(pk=world.ours.engagement.pk).update(masked=["phone"], hidden=["memo"])
        page = signed_in(world.ours.company_manager).get(url("engagement", world.ours.engagement.pk))
        levels = {f.name: f.value() for f in page.context["scope_form"]}
        assert levels == {
            **dict.fromkeys(("name", "kana", "email", "member", "address"), "shown"),
            "phone": "masked",
            "memo": "hidden",
        }

    def test_the_company_sets_the_view_but_not_the_terms(self, world: World, signed_in: Browser) -> None:
        browser, pk = signed_in(world.ours.company_manager), world.ours.engagement.pk
        page = browser.get(url("engagement", pk))
        assert not page.context["may_change_terms"]
        refused = browser.post(url("engagement", pk), {"model": "temp_staff", "starts_on": "2020-04-01"})
        assert refused.status_code == 403
        with everything():
            assert Engagement.objects.get(pk=pk).model == "vendor_centre"

    def test_half_a_grid_changes_nothing(self, world: World, signed_in: Browser) -> None:
        browser, pk = signed_in(world.ours.company_manager), world.ours.engagement.pk
        page = browser.post(url("engagement_data_scope", pk), {"name": "hidden"})
        assert page.status_code == 422
        with everything():
            assert Engagement.objects.get(pk=pk).hidden == []


class TestChecks:
    def test_they_are_set_and_told(self, world: World, signed_in: Browser, facts: Facts) -> None:
        browser, pk = signed_in(world.ours.company_manager), world.ours.desk.pk
        assert url("desk_checks", pk) in browser.get(url("desk", pk)).text
        given = {"check_recipients": "others", "check_name": "on", "forbidden_words": "極秘\r\n社外秘"}
        given["approval"] = "never"

        saved = browser.post(url("desk_checks", pk), given)

        assert saved.status_code == 302
        with everything():
            desk = Desk.objects.get(pk=pk)
        assert (desk.check_recipients, desk.check_attachment, desk.check_name) == ("others", False, True)
        assert (desk.forbidden_words, desk.care_words) == ("極秘\n社外秘", "")
        assert [kind for kind, _data in facts()] == ["desk.changed"]

    def test_so_are_its_own_words_for_feelings(self, world: World, signed_in: Browser, facts: Facts) -> None:
        browser, pk = signed_in(world.ours.company_manager), world.ours.desk.pk
        given = {"check_recipients": "never", "approval": "never"}

        refused = browser.post(url("desk_checks", pk), given | {"feeling_words": "喜び: 嬉しい"})
        assert (refused.status_code, facts()) == (422, [])
        saved = browser.post(url("desk_checks", pk), given | {"feeling_words": "怒り: 埒が明かない"})

        assert saved.status_code == 302
        case = make_case(world.ours.entry_point, text="埒が明かないので返事をください。")
        page = signed_in(world.ours.agent).get(f"/cases/{case.spoken_number(world.ours.company.prefix)}/")
        assert 'title="お客様のことば：埒が明かない"' in page.text

    def test_so_is_whose_answers_a_senior_approves_by_who_employs_them(
        self, world: World, signed_in: Browser, facts: Facts
    ) -> None:
        browser, pk, agent = signed_in(world.ours.company_manager), world.ours.desk.pk, world.ours.agent
        page = browser.get(url("desk_checks", pk)).text
        assert (agent.name in page, world.theirs.agent.email in page) == (True, False)

        given = {
            "check_recipients": "never",
            "check_attachment": "on",
            "check_name": "on",
            "check_bare": "on",
        }
        chosen = given | {"approval": "chosen", "approval_for": str(agent.pk), "care_words": "返金"}
        refused = browser.post(url("desk_checks", pk), chosen)
        with everything():
            desk = Desk.objects.get(pk=pk)
            assert (refused.status_code, desk.approval, desk.care_words) == (422, "never", "")
            Engagement.objects.filter(desk=pk).update(model=OperatingModel.TEMP_STAFF)
        assert "ほかの会社" in refused.text

        saved = browser.post(url("desk_checks", pk), chosen | {"care_words": ""})

        assert saved.status_code == 302
        with everything():
            desk = Desk.objects.get(pk=pk)
        assert (desk.approval, desk.approval_for) == ("chosen", [agent.pk])
        assert facts()[0][1]["changes"] == {
            "approval": ["never", "chosen"],
            "approval_for": [[], [agent.pk]],
        }

    def test_what_makes_no_sense_changes_nothing(
        self, world: World, signed_in: Browser, facts: Facts
    ) -> None:
        browser, pk = signed_in(world.ours.company_manager), world.ours.desk.pk
        many = "\n".join(str(n) for n in range(501))
        good = {"check_recipients": "never", "approval": "never"}
        wrongs: list[dict[str, str]] = [{"check_recipients": "song"}, {"care_words": many}]
        for wrong in (*wrongs, {"approval": "chosen"}, {"approval_for": "0"}):
            assert browser.post(url("desk_checks", pk), good | wrong).status_code == 422
        assert facts() == []


class TestDesks:
    def test_a_preview_shows_and_saves_nothing(self, world: World, signed_in: Browser, facts: Facts) -> None:
        browser, pk = signed_in(world.ours.company_manager), world.ours.desk.pk
        own = "{{customer}} 様\n{{case}} を {{desk}} が承りました。{{order}}"
        page = browser.post(url("desk", pk), desk_form(acknowledgement=own, preview="1"))
        assert page.status_code == 200
        assert page.context["preview"] == "山田 花子 様\nA-1001 を 修理センター が承りました。{{order}}"
        assert facts() == []

    def test_without_an_own_text_the_built_in_one_is_shown(self, world: World, signed_in: Browser) -> None:
        browser, pk = signed_in(world.ours.company_manager), world.ours.desk.pk
        page = browser.post(url("desk", pk), desk_form(hours="平日 10:00〜18:00", preview="1"))
        assert "A-1001" in page.context["preview"]
        assert "平日 10:00〜18:00" in page.context["preview"]
        off = browser.post(url("desk", pk), {**desk_form(preview="1"), "acknowledge": ""})
        assert off.context["preview"] == ""

    def test_how_soon_it_answers_stands_there_and_in_the_preview(
        self, world: World, signed_in: Browser
    ) -> None:
        browser, desk = signed_in(world.ours.company_manager), world.ours.desk
        noon = datetime.fromisoformat("2026-08-04T12:00:00+09:00")
        page = browser.get(url("desk", desk.pk))
        assert page.context["waits"] == []
        assert "目安" not in page.context["preview"]
        with everything():
            for slot, seconds in (("weekend-18", 90 * 86_400), ("any", 5), ("weekday-12", 5000)):
                row = {"company_id": desk.company_id, "desk": desk, "slot": slot, "measured_at": noon}
                ReplyTime.objects.create(**row, seconds=seconds, cases=40)
        with clock.held_at(noon):
            page = browser.get(url("desk", desk.pk))
        assert "ご返信の目安：通常2時間以内" in page.context["preview"]
        assert page.context["waits"] == [
            WaitLine("全時間帯", "通常30分以内", 40),
            WaitLine("月〜金 12:00〜15:00", "通常2時間以内", 40),
            WaitLine("土・日・祝 18:00〜24:00", "", 40),
        ]

    def test_a_desk_says_what_it_is_there_for_and_how_it_greets(
        self, world: World, signed_in: Browser
    ) -> None:
        browser, pk = signed_in(world.ours.company_manager), world.ours.desk.pk

        refused = browser.post(url("desk", pk), desk_form(kind="unheard"))
        said = desk_form(acknowledgement="{{greeting}}")
        shown = browser.post(url("desk", pk), {**said, "preview": "1"})
        with everything():
            before = Desk.objects.get(pk=pk)
        browser.post(url("desk", pk), said)

        assert refused.context["form"].errors.keys() == {"kind"}
        assert shown.context["preview"] == "修理センターでございます。"
        assert (before.kind, before.greeting) == ("customers", "")
        with everything():
            kept = Desk.objects.get(pk=pk)
        assert (kept.kind, kept.greeting) == ("technical", "修理センターでございます。")
        assert "テクニカルサポート" in browser.get(url("desks")).content.decode()

    def test_there_is_a_text_for_whoever_does_not_write_in_japanese(
        self, world: World, signed_in: Browser
    ) -> None:
        browser, pk = signed_in(world.ours.company_manager), world.ours.desk.pk
        own = desk_form(acknowledgement_en="{{customer}}: {{case}}")

        page = browser.post(url("desk", pk), {**own, "preview": "1"})
        assert page.context["preview_in_english"] == "Hanako Yamada: A-1001"
        browser.post(url("desk", pk), own)

        with everything():
            assert Desk.objects.get(pk=pk).acknowledgement_en == "{{customer}}: {{case}}"

    def test_what_is_typed_is_text_and_never_markup(self, world: World, signed_in: Browser) -> None:
        browser, pk = signed_in(world.ours.company_manager), world.ours.desk.pk
        page = browser.post(url("desk", pk), desk_form(acknowledgement="<script>1</script>", preview="1"))
        assert "<script>1" not in page.content.decode()

    def test_closing_is_refused_with_the_reason_while_customers_can_write(
        self, world: World, signed_in: Browser
    ) -> None:
        browser, pk = signed_in(world.ours.company_manager), world.ours.desk.pk
        assert url("desk_close", pk) not in browser.get(url("desk", pk)).content.decode()
        assert browser.post(url("desk_close", pk)).status_code == 422
        with everything():
            assert Desk.objects.get(pk=pk).active
            EntryPoint.objects.filter(desk=pk).update(active=False)
        assert url("desk_close", pk) in browser.get(url("desk", pk)).content.decode()
        assert browser.post(url("desk_close", pk)).status_code == 302
        assert browser.post(url("desk_reopen", pk)).status_code == 302
        with everything():
            assert Desk.objects.get(pk=pk).active

    def test_a_company_manager_adds_desks_to_the_own_company_only(
        self, world: World, signed_in: Browser
    ) -> None:
        browser = signed_in(world.ours.company_manager)
        page = browser.post(url("desk_new"), desk_form(company=world.theirs.company.pk))
        assert (page.status_code, list(page.context["form"].errors)) == (422, ["company"])
        with everything():
            assert Desk.objects.filter(company=world.theirs.company).count() == 1


class TestEntryPoints:
    def test_an_entry_point_is_taken_out_of_use(self, world: World, signed_in: Browser) -> None:
        point = world.ours.entry_point
        signed_in(world.ours.company_manager).post(
            url("entry_point", point.pk), {"sender_name": "ひなた", "medium": "同梱チラシ"}
        )
        with everything():
            kept = EntryPoint.objects.get(pk=point.pk)
        assert (kept.sender_name, kept.medium, kept.active) == ("ひなた", "同梱チラシ", False)
        assert kept.address == point.address

    def test_a_number_is_for_a_product(self, world: World, signed_in: Browser, facts: Facts) -> None:
        make_variant(world.ours.company, name="南部鉄瓶", code="T-9")
        make_variant(world.theirs.company, name="電気ケトル", code="K-1")
        number = make_entry_point(world.ours.desk, kind=Channel.PHONE)
        browser = signed_in(world.ours.company_manager)
        sent = {"sender_name": "", "medium": "同梱チラシ", "active": "on"}
        address = url("entry_point", number.pk)

        assert browser.post(address, {**sent, "product": "鉄瓶"})["Location"] == address
        assert 'value="南部鉄瓶 (T-9)"' in browser.get(address).text
        assert browser.post(address, {**sent, "product": "南部鉄瓶 (T-9)"}).status_code == 302
        refused = browser.post(address, {**sent, "medium": "", "product": "K-1"})

        assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["product"])
        told = [kind for kind, _ in facts() if kind != "products.imported"]
        assert told == ["phone_number.product_changed", "entry_point.changed"]
        with everything():
            assert str(NumberProduct.objects.get(entry_point=number)) == "南部鉄瓶"
            assert EntryPoint.objects.get(pk=number.pk).medium == "同梱チラシ"
        assert browser.post(address, {**sent, "product": "", "notice": "-"}).status_code == 302
        assert '<option value="-" selected>' in browser.get(address).text
        assert browser.post(address, sent).status_code == 302  # what is not said stays
        with everything():
            assert str(NumberNotice.objects.get(entry_point=number)) == ""
        with everything():
            assert not NumberProduct.objects.exists()
        mail = url("entry_point", world.ours.entry_point.pk)
        assert "id_product" not in browser.get(mail).text

    def test_callers_of_a_number_are_spoken_with_by_a_script(
        self, world: World, signed_in: Browser, facts: Facts
    ) -> None:
        by, kind = actor_of(world.ours.company_manager), Article.Kind.SCRIPT
        with world.ours.scope():
            said, settings = Said("店舗の受付", "はい。"), Settings(audience="operator")
            made = approve(add_article(world.ours.company, said, settings, kind=kind, by=by), by=by)
        number = make_entry_point(world.ours.desk, kind=Channel.PHONE)
        browser, address = signed_in(world.ours.company_manager), url("entry_point", number.pk)

        for chosen in (made.pk, made.pk + 1):
            browser.post(address, {"sender_name": "", "medium": "", "active": "on", "script": chosen})

        assert f'<option value="{made.pk}" selected>店舗の受付</option>' in browser.get(address).text
        assert [kind for kind, _ in facts() if kind.startswith("phone_")] == ["phone_number.script_changed"]

    def test_a_wrong_address_stands_beside_its_field(self, world: World, signed_in: Browser) -> None:
        page = signed_in(world.ours.company_manager).post(
            url("entry_point_new", world.ours.desk.pk), {"kind": "form", "address": "お問い合わせ"}
        )
        assert (page.status_code, list(page.context["form"].errors)) == (422, ["address"])

    def test_a_form_is_built_question_by_question(self, world: World, signed_in: Browser) -> None:
        form = make_entry_point(world.ours.desk, kind=Channel.FORM)
        browser = signed_in(world.ours.company_manager)
        assert f"/form/{form.address}/" in browser.get(url("entry_point_form", form.pk)).content.decode()
        sent = {"title": "お問い合わせ", "introduction": "", "take_files": "on"}
        sent |= {"q-TOTAL_FORMS": "3", "q-INITIAL_FORMS": "0"}
        sent |= {"q-0-label": "ご注文番号", "q-0-kind": "text", "q-0-ORDER": "2", "q-0-required": "on"}
        sent |= {"q-1-label": "ご用件", "q-1-kind": "choice", "q-1-ORDER": "1", "q-1-choices": "返品\r\n交換"}
        sent |= {"q-2-label": "", "q-2-kind": "text", "q-2-ORDER": ""}
        assert browser.post(url("entry_point_form", form.pk), sent).status_code == 302
        with world.ours.scope():
            shape = shape_of(form.pk)
        assert [(q.label, q.kind, q.required, q.choices) for q in shape.questions] == [
            ("ご用件", QuestionKind.CHOICE, False, ("返品", "交換")),
            ("ご注文番号", QuestionKind.TEXT, True, ()),
        ]
        assert (shape.ask_phone, shape.take_files) == (False, True)

    def test_a_question_removed_is_gone_and_the_others_keep_their_names(
        self, world: World, signed_in: Browser
    ) -> None:
        form = make_entry_point(world.ours.desk, kind=Channel.FORM)
        browser = signed_in(world.ours.company_manager)
        base = {"title": "題", "q-TOTAL_FORMS": "2", "q-INITIAL_FORMS": "2"}
        first = {"q-0-name": "order", "q-0-label": "ご注文番号", "q-0-kind": "text", "q-0-ORDER": "1"}
        second = {"q-1-name": "size", "q-1-label": "サイズ", "q-1-kind": "text", "q-1-ORDER": "2"}
        browser.post(url("entry_point_form", form.pk), {**base, **first, **second, "q-0-DELETE": "on"})
        with world.ours.scope():
            assert [q.name for q in shape_of(form.pk).questions] == ["size"]

    def test_a_choice_without_answers_is_refused_in_words(self, world: World, signed_in: Browser) -> None:
        form = make_entry_point(world.ours.desk, kind=Channel.FORM)
        sent = {"title": "題", "q-TOTAL_FORMS": "1", "q-INITIAL_FORMS": "0"}
        sent |= {"q-0-label": "ご用件", "q-0-kind": "choice", "q-0-ORDER": "1"}
        page = signed_in(world.ours.company_manager).post(url("entry_point_form", form.pk), sent)
        assert page.status_code == 422
        assert "ご用件" in page.context["form"].non_field_errors()[0]
        with world.ours.scope():
            assert shape_of(form.pk).questions == ()

    def test_a_mail_address_has_no_questions(self, world: World, signed_in: Browser) -> None:
        browser = signed_in(world.ours.company_manager)
        assert browser.get(url("entry_point_form", world.ours.entry_point.pk)).status_code == 404


@pytest.mark.parametrize(
    "name", ["companies", "operators", "engagements", "desks", "entry_points", "mail_servers"]
)
def test_a_list_asks_no_more_the_longer_it_is(
    world: World, signed_in: Browser, name: str, django_assert_max_num_queries: Any
) -> None:
    browser = signed_in(world.administrator)
    for _ in range(12):
        company = make_company()
        desk = make_desk(company)
        make_entry_point(desk)
        make_engagement(make_operator(), desk)
    with django_assert_max_num_queries(18) as few:
        assert len(browser.get(url(name)).context["page"].object_list) >= 12
    for _ in range(12):
        company = make_company()
        desk = make_desk(company)
        make_entry_point(desk)
        make_engagement(make_operator(), desk)
    with django_assert_max_num_queries(len(few)):
        assert len(browser.get(url(name)).context["page"].object_list) >= 24


def test_lists_come_in_pages_of_fifty(world: World, signed_in: Browser) -> None:
    for _ in range(60):
        make_operator()
    browser = signed_in(world.administrator)
    first, second = browser.get(url("operators")), browser.get(url("operators") + "?page=2")
    assert (len(first.context["page"].object_list), len(second.context["page"].object_list)) == (50, 12)
    assert browser.get(url("operators") + "?page=99").context["page"].number == 2


def test_versions_of_a_template_are_shown_and_had_back(world: World, signed_in: Browser) -> None:
    """Given a template that two people wrote, its page tells both texts, who looks after it, and how it is used."""
    side = world.ours
    lead, agent = signed_in(side.supervisor), side.agent
    where = {"where": f"desk:{side.desk.pk}", "active": "on", "owner": str(agent.pk)}
    lead.post(url("template_new"), where | {"name": "受付", "body": "はじめの文です。"})
    with everything():
        pk = ReplyTemplate.objects.get(name="受付").pk
    signed_in(side.manager).post(url("template", pk), where | {"name": "受付", "body": "つぎの文です。"})

    page = lead.get(url("template", pk)).text
    for words in ("はじめの文です。", "つぎの文です。", "森 美咲", "石川 健", "0 通の返信に使われました"):
        assert words in page, words
    assert "青木 翔" in lead.get(url("templates")).text

    assert lead.post(url("template_version", pk, 1)).status_code == 302
    assert lead.post(url("template_version", pk, 9)).status_code == 404
    with everything():
        now = ReplyTemplate.objects.get(pk=pk)
        assert (now.body, now.version, now.owner_id) == ("はじめの文です。", 3, agent.pk)


def test_an_incomplete_condition_is_refused_beside_the_text(world: World, signed_in: Browser) -> None:
    lead = signed_in(world.ours.supervisor)
    fields = {"where": f"desk:{world.ours.desk.pk}", "name": "n", "body": "{{if customer}}x", "active": "on"}

    page = lead.post(url("template_new"), fields)

    assert page.status_code == 422
    assert "条件の書き方が途中です" in page.text
    with everything():
        assert ReplyTemplate.objects.count() == 0
