"""Every row has a company or a reason not to; PostgreSQL holds the wall; few may look over it."""

import ast
from collections.abc import Iterable

import pytest
from django.apps import apps
from django.db import connection, models

from madoguchi.cases.models import Case
from madoguchi.infra.scope import ScopedManager, ScopedModel
from tests.house.sources import Source, product

OF_NO_COMPANY = {
    "api.KeptAnswer": "belongs to a token, whose person may work for several companies; numbers without words",
    "companies.Company": "is the wall itself; protected by its own id",
    "companies.OperatorCompany": "an operator answers for several companies",
    "people.User": "a person may work for several companies",
    "people.AccessToken": "is shown before it is known whose it is, as a person is; holds a hash",
    "following.Letter": "a mail to a person who may work for several companies; holds neither case nor words",
    "following.Wishes": "what a person wishes to be told, wherever they work",
    "people.OperatorMember": "belongs to an operator, not to a company",
    "routing.Shift": "belongs to a person of an operator; their employer says it, wherever they work",
    "routing.Skill": "belongs to a person of an operator; their employer says it, wherever they work",
    "routing.Worker": "a person answers for several companies; holds whether they are here, and no case",
    "voice.OutsidePhone": "belongs to a person of an operator; their employer says it, wherever they work",
    "voice.SipPhone": "belongs to a person of an operator; their employer gives it out, wherever they work",
    "phone.TrunkRegistration": "belongs to the installation: whether an account at a carrier is registered",
    "voice.AgentPhone": "a person answers for several companies; holds which call, and no word of it",
    "infra.Seal": "one audit chain over all events; holds hashes only",
    "infra.Reader": "how far a reader of the whole log has come",
    "search.Posting": "keys without words, read by a function that is the wall itself",
    "search.Progress": "how far the index has come with all cases",
    "infra.GoneThrough": "how far the log of all companies was gone through",
    "infra.RateCount": "counts of keys, without content",
}
# Who may work across companies, and why it cannot be otherwise.
LOOK_EVERYWHERE = {
    "batches/actions.py": "batches of any company may have lost their job",
    "bot/actions/aloud.py": "articles of any company may have been approved",
    "bot/actions/watching.py": "talks of any company may wait for a bot that does not answer",
    "bot/actions/learning.py": "the night learns for each company that has a bot, one after the other",
    "cases/reading.py": "people may read very many customers of any company",
    "commerce/recurring.py": "subscriptions of any company may be due",
    "commerce/sent_places.py": "orders of every company were there before anything was learned from them",
    "infra/event_customers.py": "what happened at all companies is gone through once",
    "exports/actions.py": "files of any company may lie unclaimed",
    "cases/actions/check.py": "files of any company may wait for the scanner",
    "cases/actions/measure.py": "desks of every company tell how soon they answer",
    "cases/actions/together.py": "people may have left the cases of any company without a word",
    "channels/line/actions/working.py": "events of any company may have been left by a killed worker",
    "voice/transcripts.py": "recordings of any company may wait to be written down",
    "channels/phone/hooks/left_over.py": "carriers hold calls of any company",
    "channels/email/imap.py": "one process reads the mailboxes of all companies",
    "companies/actions/companies.py": "a company comes into being before anybody has it in scope",
    "companies/queries.py": "a door knows only the address a contact came to",
    "delivery/actions/schedule.py": "scheduled answers of any company may have been left by a killed worker",
    "delivery/actions/send.py": "messages of any company may have been left by a killed worker",
    "escalations/letters.py": "slips of any company may have been left by a killed worker",
    "following/letters.py": "people are told by mail of cases of any company",
    "gaps/actions/searching.py": "every company's customers are heard at night",
    "helpcentre/queries.py": "a visitor knows only the company's short name",
    "imports/actions/working.py": "uploads of any company may have been left, and go after the same time",
    "infra/due.py": "what is due at any company is told of by one job",
    "infra/reactions.py": "a reader of the log serves all companies",
    "infra/worker.py": "seals the one audit chain of all companies",
    "infra/forgetting.py": "what is old is forgotten after the same time for all companies",
    "infra/healing.py": "rows of all companies are brought under one rule",
    "intake/healing.py": "an answer of any company may have been parted from its case",
    "intake/actions/left_over.py": "arrivals of any company may have been left by a killed door",
    "reservations/calling_up.py": "a time of any company may have become free",
    "rights/actions/working.py": "demands of customers of any company may have lost their job, and files expire",
    "rights/leftovers.py": "a killed process of any company may have left files to which nothing leads",
    "rights/actions/retaining.py": "rules of retention of any company are due each night, and may have lost their job",
    "search/reading.py": "files of any company may wait to be read",
    "search/actions.py": "the index is over the cases of all companies",
    "routing/queries.py": "hands are full whichever company's customers fill them",
    "routing/sweeping.py": "desks of any company may give out what waits",
    "rules/actions/applying.py": "rules of any company may be due as time goes by",
    "shield/conduct.py": "a visitor knows only the company's short name",
    "shield/noticing.py": "somebody at any company may be held on a call",
    "storefronts/actions/taking.py": "what any shop handed in may have been left by a killed process",
    "storefronts/queries.py": "a door knows only the address a shop posts to",
    "channels/line/actions/setting.py": "messages are left of accounts of any company",
    "knowledge/actions/falling_due.py": "articles and templates of any company may fall due",
    "tasks/actions.py": "tasks of any company may fall due",
    "promises/actions.py": "clocks of any company may run out",
    "promises/keeping.py": "promises of any company may be due",
    "voice/outgoing.py": "customers of any company may be called back",
    "voice/keeping.py": "recordings of any company may lie open, and each says how long its own are kept",
    "voice/spent.py": "who is ready for calls is so for every company whose calls they answer",
    "voice/queries.py": "calls of any company may have lost their gateway",
    "webhooks/actions/deliver.py": "deliveries of any company may have been left by a killed worker",
    "people/queries.py": "what an account leads to is decided by all of its places",
}
LOOK_EVERYWHERE_AT_THE_TOP = ("project/", "sample/")


def ours() -> list[type[models.Model]]:
    return [m for m in apps.get_models() if m.__module__.startswith("madoguchi.")]


def without_wall(found: Iterable[type[models.Model]]) -> list[str]:
    """Models that have neither a company nor a reason, or whose managers see everything."""
    wrong = []
    for model in found:
        scoped = issubclass(model, ScopedModel)
        sealed = isinstance(model._base_manager, ScopedManager) and isinstance(
            model._default_manager, ScopedManager
        )
        if not (scoped and sealed) and model._meta.label not in OF_NO_COMPANY:
            wrong.append(model._meta.label)
    return wrong


def lookers(sources: Iterable[Source]) -> set[str]:
    """Files that open a scope over every company."""
    return {
        s.path
        for s in sources
        for n in ast.walk(s.tree)
        if isinstance(n, ast.Call) and ast.unparse(n.func) in ("scope.everywhere", "everywhere")
    }


def test_every_model_has_a_company_or_a_reason() -> None:
    assert without_wall(ours()) == []
    labels = {m._meta.label for m in ours()}
    assert set(OF_NO_COMPANY) - labels == set()


@pytest.mark.django_db
def test_the_database_forces_the_wall_on_every_table_with_a_company() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class JOIN pg_policy ON polrelid = pg_class.oid"
            " WHERE relrowsecurity AND relforcerowsecurity AND polqual IS NOT NULL AND polwithcheck IS NOT NULL"
        )
        forced = {name for (name,) in cursor.fetchall()}
        cursor.execute(
            "SELECT current_user, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
        )
        who, above_the_law = cursor.fetchone()
    assert {m._meta.db_table for m in ours() if issubclass(m, ScopedModel)} - forced == set()
    assert "companies_company" in forced
    assert (who, above_the_law) == ("madoguchi_app", False)


@pytest.mark.django_db
def test_the_role_of_the_product_owns_no_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE tableowner = 'madoguchi_app'")
        assert cursor.fetchall() == []


def test_only_these_look_across_companies() -> None:
    found = {path for path in lookers(product()) if not path.startswith(LOOK_EVERYWHERE_AT_THE_TOP)}
    assert found == set(LOOK_EVERYWHERE)


def test_no_field_can_hold_a_card_number() -> None:
    names = {f.name for m in ours() for f in m._meta.get_fields()}
    assert [n for n in names if "card" in n or "cvv" in n or n == "pan"] == []


def test_planted_violations_are_found() -> None:
    class Loose(models.Model):
        name = models.TextField()

        class Meta:
            app_label = "house_planted"

    class HalfOpen(ScopedModel):
        objects = models.Manager()  # type: ignore[misc]

        class Meta(ScopedModel.Meta):
            app_label = "house_planted"

    assert without_wall([Loose, HalfOpen, Case]) == ["house_planted.Loose", "house_planted.HalfOpen"]
    peeping = Source("desk/pages.py", "with scope.everywhere(reason='why not'):\n    pass\n")
    assert lookers([peeping]) == {"desk/pages.py"}
