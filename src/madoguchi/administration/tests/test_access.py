"""Who may open which page; and that a foreign thing is an absent one, and stays as it is."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import URLPattern, reverse

from madoguchi.administration.urls import urlpatterns
from madoguchi.cases.factories import make_case
from madoguchi.cases.reading_models import ReadingAlarm
from madoguchi.channels.email.actions import make_dkim_key
from madoguchi.channels.phone.sounds import as_wav
from madoguchi.commerce.factories import make_campaign, make_fit, make_media_event, make_symptom, make_variant
from madoguchi.companies.factories import make_entry_point
from madoguchi.fields.factories import make_field, make_matter
from madoguchi.imports.actions.uploading import upload
from madoguchi.infra import scope
from madoguchi.intake.actions import handle, receive
from madoguchi.intake.models import SenderRule
from madoguchi.intake.senders import forget_sender, rule_sender
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission, system
from madoguchi.kernel.channel import Channel
from madoguchi.macros.actions import add_macro, delete_macro
from madoguchi.people.actions import make_token
from madoguchi.people.factories import Side, World
from madoguchi.people.models import AccessToken, OperatorMember, User
from madoguchi.people.queries import actor_of
from madoguchi.reservations.factories import make_resource, make_store
from madoguchi.rights.actions.retaining import write_rule
from madoguchi.rights.factories import asked_for
from madoguchi.rules.actions import add_rule, delete_rule
from madoguchi.rules.tests.rules import said
from madoguchi.storefronts.factories import make_storefront
from madoguchi.tasks.planning import add_plan
from madoguchi.voice.announcements import add_announcement
from madoguchi.voice.outside_contacts import add_contact
from madoguchi.webhooks.factories import make_webhook

Browser = Callable[[User], Client]

EVERYBODY = {"agent", "administrator", "company_manager", "company_staff", "manager", "supervisor"}
LISTS = {
    "companies": {"administrator"},
    "company_new": {"administrator"},
    "operators": {"administrator"},
    "operator_new": {"administrator"},
    "engagement_new": {"administrator"},
    "engagements": {"administrator", "company_manager"},
    "desks": {"administrator", "company_manager"},
    "desk_new": {"administrator", "company_manager"},
    "desks_levels": EVERYBODY,
    "entry_points": {"administrator", "company_manager"},
    "mail_servers": {"administrator", "company_manager"},
    "people": {"administrator", "company_manager", "manager"},
    "person_new": {"administrator", "company_manager", "manager"},
    "templates": {"administrator", "company_manager", "manager", "supervisor"},
    "template_new": {"administrator", "company_manager", "manager", "supervisor"},
    "help_centres": {"company_manager"},
    "watches": {"administrator", "company_manager"},
    "shields": {"administrator", "company_manager"},
    "duties": {"company_manager", "manager"},
    "announcements": {"administrator", "company_manager"},
    "contacts": {"administrator", "company_manager"},
    "bots": {"administrator", "company_manager"},
    "plans": {"administrator", "company_manager", "manager", "supervisor"},
    "plan_new": {"administrator", "company_manager", "manager", "supervisor"},
    "fields": {"administrator", "company_manager"},
    "field_new": {"administrator", "company_manager"},
    "matters": {"administrator", "company_manager"},
    "matter_new": {"administrator", "company_manager"},
    "macros": {"agent", "manager", "supervisor"},
    "macro_words": {"company_manager"},
    "rules": {"manager", "supervisor"},
    "rule_new": {"manager", "supervisor"},
    "macro_new": {"agent", "manager", "supervisor"},
    "quarantine": {"manager", "supervisor"},
    "spam": {"company_manager", "manager", "supervisor"},
    "senders": {"company_manager", "manager", "supervisor"},
    "outbox": {"manager", "supervisor"},
    "troubled": {"manager", "supervisor"},
    "shops": {"administrator", "company_manager"},
    "stores": {"administrator", "company_manager"},
    "audit": {"manager", "company_manager"},
    "webhooks": {"administrator", "company_manager"},
    "webhook_new": {"administrator", "company_manager"},
    "imports": {"administrator", "company_manager"},
    "import_new": {"administrator", "company_manager"},
    "import_articles_new": {"company_manager"},
    "reading": {"administrator", "company_manager"},
    "identities": {"administrator", "company_manager"},
    "recordings": {"administrator", "company_manager"},
    "rights": {"administrator", "company_manager"},
    "right_new": {"administrator", "company_manager"},
    "consent_words_new": {"administrator", "company_manager"},
    "retention_new": {"administrator", "company_manager"},
    "tokens": EVERYBODY,
    "token_new": EVERYBODY,
    "overview": EVERYBODY,
}
ROLES = ["agent", "supervisor", "manager", "company_staff", "company_manager", "administrator"]


def somebody(world: World, role: str) -> User:
    person: User = world.administrator if role == "administrator" else getattr(world.ours, role)
    return person


@pytest.mark.parametrize("role", ROLES)
def test_each_role_opens_its_own_pages(world: World, signed_in: Browser, role: str) -> None:
    browser = signed_in(somebody(world, role))
    opened = {name for name in LISTS if browser.get(reverse(f"administration:{name}")).status_code == 200}
    assert opened == {name for name, roles in LISTS.items() if role in roles}


@pytest.mark.parametrize("role", ROLES)
def test_the_menu_offers_exactly_what_opens(world: World, signed_in: Browser, role: str) -> None:
    browser = signed_in(somebody(world, role))
    overview = browser.get(reverse("administration:overview"))
    sections = [s for group in overview.context["menu"] for s in group.sections]
    # Who works on cases, and who reads articles, is told of them here, too.
    assert ('id="bell"' in overview.content.decode()) == (role != "administrator")
    assert {s.name for s in sections} == {
        name for name, roles in LISTS.items() if role in roles and not name.endswith("_new")
    } - {"overview"}
    for section in sections:
        assert browser.get(reverse(section.url_name)).status_code == 200


def test_every_page_names_its_permission() -> None:
    without = [p.name for p in urlpatterns if not hasattr(p.callback, "permission")]
    assert without == []


def test_nobody_comes_in_without_signing_in(world: World, client: Client) -> None:
    for name in LISTS:
        answer = client.get(reverse(f"administration:{name}"))
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("account_login"))


def _their_things(world: World) -> dict[str, dict[str, Any]]:
    """For each address with an id, the ids of something of the other company."""
    theirs = world.theirs
    with theirs.scope():
        lead = actor_of(theirs.supervisor)
        blocked = rule_sender(theirs.company.pk, pattern="spam.example", kind=SenderRule.Kind.BLOCK, by=lead)
        other = rule_sender(theirs.company.pk, pattern="a.example", kind=SenderRule.Kind.BLOCK, by=lead)
        taken_off = forget_sender(other.pk, by=lead)
    kept_out = receive(raw=b"From: a@spam.example\r\n\r\n", entry_point=theirs.entry_point, source="test")
    assert kept_out is not None
    handle(kept_out, company=theirs.company.pk)
    whole = {"pk": theirs.company.pk}
    return {
        **dict.fromkeys(("company", "help_centre", "help_centre_logo", "help_centre_host"), whole),
        **{f"desk_help_centre{of}": {"pk": theirs.desk.pk} for of in ("", "_logo", "_host")},
        **dict.fromkeys(("watch", "shield", "shield_approve", "conduct", "conduct_approve"), whole),
        **dict.fromkeys(("recording_term", "reading_of", "identity"), whole),
        "reading_seen": {"pk": theirs.company.pk, "alarm": _alarm_of(theirs)},
        "duty": {"pk": theirs.company.pk, "operator": theirs.operator.pk},
        **_bots_of(theirs),
        "operator": {"pk": theirs.operator.pk},
        "engagement": {"pk": theirs.engagement.pk},
        "engagement_data_scope": {"pk": theirs.engagement.pk},
        "engagement_hour": {"pk": theirs.engagement.pk},
        **_desk_of(theirs),
        **_calls_of(theirs),
        **_ways_in_of(theirs),
        **_people_of(theirs),
        "template": {"pk": 1},
        "template_version": {"pk": 1, "number": 1},
        "template_act": {"pk": 1, "number": 1, "act": "drop"},
        **_what_helps(theirs, lead),
        "quarantined": {"pk": 1},
        "quarantine_retry": {"pk": 1},
        "spam_one": {"pk": kept_out},
        "spam_take_in": {"pk": kept_out},
        "sender_forget": {"pk": blocked.pk},
        "sender_put_back": {"pk": taken_off},
        "sent_mail": {"pk": 1},
        "token_revoke": {"pk": _token_of(theirs).pk},
        **_upload_of(theirs),
        **_demand_of(theirs),
        **_webhooks_of(theirs),
        **_storefronts_of(theirs),
        **_shop_of(theirs),
        **_store_of(theirs),
    }


def _ways_in_of(theirs: Side) -> dict[str, dict[str, Any]]:
    """Where the other company is reached, and by which servers."""
    form = make_entry_point(theirs.desk, kind=Channel.FORM)
    chat = make_entry_point(theirs.desk, kind=Channel.CHAT)
    line = make_entry_point(theirs.desk, kind=Channel.LINE)
    with theirs.scope():
        key = make_dkim_key(theirs.entry_point, by=system("test"))
    point = {"pk": theirs.entry_point.pk}
    return {
        "entry_point_new": {"desk": theirs.desk.pk},
        "entry_point": point,
        "entry_point_form": {"pk": form.pk},
        "entry_point_chat": {"pk": chat.pk},
        **{name: {"pk": line.pk} for name in ("line_account", "line_test", "line_remove")},
        **dict.fromkeys(("mailbox", "mailbox_check", "mailbox_fetch", "mailbox_remove"), point),
        **dict.fromkeys(("smtp_server", "smtp_test", "smtp_remove", "dkim_make"), point),
        **dict.fromkeys(("oauth", "oauth_remove"), point),
        **{name: {**point, "key": key.pk} for name in ("dkim_use", "dkim_remove")},
    }


def _people_of(theirs: Side) -> dict[str, dict[str, Any]]:
    """Somebody of the other company's operator."""
    person = {"pk": theirs.agent.pk}
    member = OperatorMember.objects.get(user=theirs.agent)
    return {
        **dict.fromkeys(
            (
                "person",
                "give_place",
                "take_place",
                "password_link",
                "outside_phone",
                "sip_phone",
                "sip_phone_remove",
            ),
            person,
        ),
        **dict.fromkeys(("deactivate", "reactivate", "reset_second_step"), person),
        "seats": {**person, "member": member.pk},
    }


def _bots_of(theirs: Side) -> dict[str, dict[str, Any]]:
    """The bot of the other company's desk, with its scenario and limits."""
    tree = {"pk": theirs.desk.pk, "language": "ja"}
    return {
        "bot": {"pk": theirs.desk.pk},
        "scenario": tree,
        "scenario_act": {**tree, "act": "end"},
        "scenario_again": {**tree, "number": 1},
        "bot_limits": {"company": theirs.company.pk},
    }


def _desk_of(theirs: Side) -> dict[str, dict[str, Any]]:
    """The other company's desk, and what it keeps towards its customers."""
    return {
        "desk": {"pk": theirs.desk.pk},
        "desk_checks": {"pk": theirs.desk.pk},
        "desk_languages": {"pk": theirs.desk.pk},
        "desk_work": {"pk": theirs.desk.pk},
        "desk_levels": {"pk": theirs.desk.pk},
        "desk_survey": {"pk": theirs.desk.pk},
        "division": {"pk": theirs.desk.pk},
        **{name: {"pk": theirs.desk.pk} for name in ("division_switch", "division_move")},
        "division_rule": {"pk": theirs.desk.pk, "place": 1},
        **{name: {"pk": theirs.desk.pk} for name in ("desk_levels_text", "policy_new", "calendar_new")},
        **{
            name: {"pk": theirs.desk.pk, "place": 1}
            for name in ("policy", "policy_move", "policy_remove", "calendar")
        },
        "policy_back": {"pk": theirs.desk.pk, "place": 1, "number": 1},
        **{
            name: {"pk": theirs.desk.pk}
            for name in ("levels_trial", "levels_trial_start", "levels_trial_stop")
        },
        "desk_levels_switch": {"pk": theirs.desk.pk, "state": "on"},
        "desk_levels_version": {"pk": theirs.desk.pk, "number": 1},
        "desk_close": {"pk": theirs.desk.pk},
        "desk_reopen": {"pk": theirs.desk.pk},
    }


def _demand_of(theirs: Side) -> dict[str, dict[str, Any]]:
    """What a customer of the other company demanded."""
    by = actor_of(theirs.company_manager)
    pk = asked_for(make_case(theirs.entry_point).customer_id, "disclosure", by=by).pk
    names = ("right", "right_check", "right_refuse", "right_file", "right_erase", "right_certificate")
    names += ("right_correct", "right_release", "right_withhold")
    acts = {
        "right_act": {"pk": pk, "act": "start"},
        "retention_act": {"pk": _rule_of(theirs, by), "act": "run"},
    }
    return {**{name: {"pk": pk} for name in names}, **acts}


def _rule_of(theirs: Side, by: Actor) -> int:
    """A rule of retention of the other company."""
    with theirs.scope():
        return write_rule(theirs.company.pk, kind="words", months=12, by=by).pk


def _calls_of(theirs: Side) -> dict[str, dict[str, Any]]:
    """A number of the other company's, and what its callers hear."""
    number = make_entry_point(theirs.desk, kind=Channel.PHONE, address="+815099999999")
    whose, named = {"pk": theirs.company.pk}, {"pk": theirs.company.pk, "name": "hello"}
    with theirs.scope():
        by = actor_of(theirs.company_manager)
        contact = add_contact(theirs.company.pk, name="修理", number="03-1234-5678", by=by)
        heard = add_announcement(theirs.company.pk, name="hello", content=as_wav(bytes(8000)), by=by)
    return {
        "company_announcements": whose,
        "company_contacts": whose,
        "contact_remove": whose | {"contact": contact.pk},
        "announcement_sound": whose | {"digest": heard.digest},
        "announcement_again": named | {"number": 1},
        "announcement": named,
        "announcement_remove": named,
        **{name: {"pk": number.pk} for name in ("carrier", "carrier_remove", "call_flow")},
        "call_flow_version": {"pk": number.pk, "number": 1},
        "call_flow_sound": {"pk": number.pk, "name": "greeting"},
    }


def _upload_of(theirs: Side) -> dict[str, dict[str, Any]]:
    """A file that the other company's manager uploaded."""
    with theirs.scope():
        file = SimpleUploadedFile("a.csv", b"name,subject\n")
        by = actor_of(theirs.company_manager)
        uploaded = upload([file], desk=theirs.desk, system="csv", said={}, by=by)
    names = ("import", "import_start", "import_stop", "import_throw_away", "import_report")
    return {name: {"pk": uploaded.pk} for name in names}


def _alarm_of(theirs: Side) -> int:
    """That an agent of the other company read very many customers."""
    said = {"hour": clock.now(), "at": clock.now(), "customers": 500}
    with theirs.scope():
        return ReadingAlarm.objects.create(company=theirs.company, user=theirs.agent, **said).pk


def _shop_of(theirs: Side) -> dict[str, dict[str, Any]]:
    """How the other company sells, and a product of it."""
    pk = {"pk": theirs.company.pk}
    of_products = {**pk, "variant": make_variant(theirs.company).pk}
    campaign = make_campaign(theirs.company)
    names = ("shop", "shop_shipping", "shop_policy", "products", "products_in", "products_out", "product_new")
    names += ("campaigns", "campaign_new", "shop_subscription_terms")
    names += ("lost", "fits", "fit_keep", "fits_in", "fits_out")
    versions = {name: {**pk, "number": 1} for name in ("shop_shipping_version", "shop_policy_version")}
    return {**dict.fromkeys(names, pk), **versions, "product": of_products, "stock": of_products} | {
        "campaign": pk | {"campaign": campaign.pk},
        "media": pk,
        "media_event_new": pk,
        "media_event": pk | {"event": make_media_event(theirs.entry_point).pk},
        "symptoms": pk,
        "symptom_new": pk,
        **dict.fromkeys(("symptom", "symptom_use"), pk | {"symptom": make_symptom(theirs.company).pk}),
        "fit_drop": pk | {"fit": make_fit(theirs.company).pk},
    }


def _store_of(theirs: Side) -> dict[str, dict[str, Any]]:
    """A store of the other company, and what can be had there."""
    thing = make_resource(make_store(theirs.company))
    pk = {"pk": thing.store_id}
    new = {"company": theirs.company.pk}
    return {"store": pk, "store_new": new, "resource_new": pk, "resource": {**pk, "resource": thing.pk}}


def _webhooks_of(theirs: Side) -> dict[str, dict[str, Any]]:
    """An endpoint of the other company's, and something that was sent to it."""
    with theirs.scope():
        endpoint, delivery = make_webhook(theirs.company)
    acts = ("test", "rotate", "switch", "remove", "log")
    found = {name: {"pk": endpoint.pk} for name in ("webhook", *(f"webhook_{act}" for act in acts))}
    return {**found, "webhook_replay": {"pk": endpoint.pk, "delivery": delivery.pk}}


def _storefronts_of(theirs: Side) -> dict[str, dict[str, Any]]:
    """A shop that the other company has connected, and something that it told wrong."""
    shop, handed = make_storefront(theirs.desk)
    of_shop = {"pk": theirs.company.pk, "storefront": shop.pk}
    return {
        "storefronts": {"pk": theirs.company.pk},
        **dict.fromkeys(("storefront", "storefront_secret"), of_shop),
        **dict.fromkeys(("storefront_again", "storefront_aside"), of_shop | {"handed": handed.pk}),
    }


def _token_of(theirs: Side) -> AccessToken:
    """A token of the other company's agent."""
    read, by = [Permission.CASE_READ], actor_of(theirs.agent)
    with theirs.scope():
        return make_token(theirs.agent, name="x", permissions=read, days=1, by=by)[0]


def _what_helps(theirs: Side, lead: Actor) -> dict[str, dict[str, Any]]:
    """Macros, rules, fields and kinds of matter of the other company, some of them put away."""
    acts = [{"do": "tag", "value": "x"}]
    with theirs.scope():
        macro, away = (
            add_macro(theirs.company, desk=theirs.desk, name=name, acts=acts, by=lead) for name in "ab"
        )
        delete_macro(away, by=lead)
        plan = add_plan(theirs.company, desk=theirs.desk, name="修理", steps=[{"title": "確認"}], by=lead)
        rule, put_away = (add_rule(theirs.desk, said=said(name=name), by=lead) for name in "ab")
        delete_rule(put_away, by=lead)
    field, matter = make_field(theirs.desk), make_matter(theirs.desk)
    return {
        **{name: {"pk": macro.pk} for name in ("macro", "macro_delete", "macro_drop", "words_of_macro")},
        "macro_words_act": {"pk": macro.pk, "act": "approve"},
        "macro_restore": {"pk": away.pk},
        "plan": {"pk": plan.pk},
        "plan_version": {"pk": plan.pk, "number": 1},
        **{name: {"pk": rule.pk} for name in ("rule", "rule_log", "rule_move", "rule_delete")},
        "rule_version": {"pk": rule.pk, "number": 1},
        "rule_state": {"pk": rule.pk, "state": "start"},
        "rule_restore": {"pk": put_away.pk},
        **{name: {"pk": field.pk} for name in ("field", "field_remove")},
        **{name: {"pk": matter.pk} for name in ("matter", "matter_remove")},
    }


def _everything_stored() -> dict[str, list[Any]]:
    """Every row that a page of administration could write."""
    tables = [
        t
        for t in connection.introspection.table_names()
        if t.startswith(
            (
                "companies_",
                "people_",
                "knowledge_",
                "macros_",
                "rules_",
                "fields_",
                "tasks_",
                "webhooks_",
                "storefronts_",
                "promises_",
                "commerce_",
                "signals_",
            )
        )
    ]
    tables += [
        "email_mailbox",
        "email_smtpserver",
        "email_oauthaccount",
        "email_dkimkey",
        "webform_form",
        "webchat_widget",
        "line_account",
        "phone_carrieraccount",
        "voice_announcement",
        "voice_outsidecontact",
        "infra_event",
    ]
    tables.append("intake_arrival")
    with scope.everywhere(reason="a test compares all rows"), connection.cursor() as cursor:
        rows = {}
        for table in tables:
            cursor.execute(f"SELECT t::text FROM {table} t ORDER BY 1")
            rows[table] = [
                row for row in cursor.fetchall() if table != "people_user" or "last_login" not in row
            ]
        return rows


def test_all_addresses_with_an_id_are_tried_below(world: World) -> None:
    with_id = {p.name for p in urlpatterns if isinstance(p, URLPattern) and "<" in str(p.pattern)}
    assert with_id == set(_their_things(world))


@pytest.mark.parametrize("role", ROLES[:-1])
def test_a_foreign_thing_is_absent_and_stays_as_it_is(world: World, signed_in: Browser, role: str) -> None:
    things = _their_things(world)
    browser = signed_in(somebody(world, role))
    before = _everything_stored()
    for name, ids in things.items():
        address = reverse(f"administration:{name}", kwargs=ids)
        assert browser.get(address).status_code in (403, 404, 405), name
        posted = browser.post(
            address, {"name": "乗っ取り", "place": f"operator:{world.theirs.operator.pk}:agent"}
        )
        assert posted.status_code in (403, 404, 405), name
    assert _everything_stored() == before


@pytest.mark.parametrize("role", ["agent", "company_staff"])
def test_who_sets_nothing_up_changes_nothing_of_the_own_either(
    world: World, signed_in: Browser, role: str
) -> None:
    browser = signed_in(somebody(world, role))
    before = _everything_stored()
    ours = world.ours
    for name, pk in [
        ("company", ours.company.pk),
        ("desk", ours.desk.pk),
        ("desk_checks", ours.desk.pk),
        ("desk_languages", ours.desk.pk),
        ("desk_close", ours.desk.pk),
        ("engagement", ours.engagement.pk),
        ("engagement_data_scope", ours.engagement.pk),
        ("entry_point", ours.entry_point.pk),
        ("mailbox", ours.entry_point.pk),
        ("person", ours.agent.pk),
        ("deactivate", ours.supervisor.pk),
    ]:
        assert browser.post(reverse(f"administration:{name}", args=[pk]), {"name": "別名"}).status_code == 403
    assert _everything_stored() == before
