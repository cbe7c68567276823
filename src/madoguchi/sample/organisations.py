"""Setting up the organisations and staff of the sample world, by the same actions that people use."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.hashers import make_password

from madoguchi.channels.phone import sounds
from madoguchi.channels.webform.models import Form
from madoguchi.companies.actions.companies import add_company, add_operator
from madoguchi.companies.actions.desks import add_desk
from madoguchi.companies.actions.engagements import change_data_scope, engage
from madoguchi.companies.actions.entry_points import add_entry_point
from madoguchi.companies.models import Company, Desk, Engagement, EntryPoint, OperatorCompany
from madoguchi.fields.models import Field
from madoguchi.kernel import clock
from madoguchi.kernel.actor import OperatingModel, Role, system
from madoguchi.kernel.channel import Channel
from madoguchi.knowledge.actions import add_template
from madoguchi.people.actions import add_person, set_seats
from madoguchi.people.models import OperatorMember, User
from madoguchi.sample import knowledge, levels
from madoguchi.sample.chat import lead_chat, open_chat
from madoguchi.sample.corpus import topics_of
from madoguchi.sample.set_up import fields_of, set_up, written
from madoguchi.sample.shelves import open_shops
from madoguchi.sample.stores import open_stores
from madoguchi.sample.world import Person, sample_world
from madoguchi.voice.actions import set_flow
from madoguchi.voice.ready import WITH_QUEUE
from madoguchi.voice.wording import in_words

SEED = system("madoguchi seed")
WORLD = sample_world()
# The desk at whose number callers may wait for somebody.
WITH_A_QUEUE = "hanamoto-support"


@dataclass(frozen=True, slots=True)
class Places:
    """Where the sample world stands in the database: rows by the keys of the world."""

    companies: dict[str, Company]
    desks: dict[str, Desk]
    mail: dict[str, EntryPoint]
    forms: dict[str, EntryPoint]
    people: dict[str, User]
    fields: dict[str, Field]


def find() -> Places | None:
    """The sample world where it is set up already; None where it is not. Needs a scope over everything."""
    slugs = [company.key for company in WORLD.companies]
    companies = {c.slug: c for c in Company.objects.filter(slug__in=slugs)}
    if len(companies) < len(slugs):
        return None
    desks = {d.key: Desk.objects.get(company=companies[d.company], name=d.name) for d in WORLD.desks}
    return Places(
        companies=companies,
        desks=desks,
        mail={d.key: EntryPoint.objects.get(kind=Channel.EMAIL, address=d.address) for d in WORLD.desks},
        forms={d.key: EntryPoint.objects.get(kind=Channel.FORM, address=d.form) for d in WORLD.desks},
        people={p.key: User.objects.get(email=p.email) for p in WORLD.people},
        fields=fields_of(desks[written()["desk"]]),
    )


def settle(*, since: datetime, password: str) -> Places:
    """Set the sample world up, as of a moment in the past. Everybody in it signs in with this password.

    Needs a scope over everything. Raises Refused where something of it is in the way.
    """
    with clock.held_at(since):
        companies = {c.key: _company(c.key) for c in WORLD.companies}
        operators = {o.key: _operator(o.key, companies) for o in WORLD.operators}
        desks = {d.key: _desk(d.key, companies[d.company]) for d in WORLD.desks}
        points = [_entry_point(desks[point.desk], point.kind, point.address) for point in WORLD.entry_points]
        engagements = _engage(operators, desks, since)
        people = {p.key: _person(p, companies, operators, engagements) for p in WORLD.people}
        _write_templates(companies, desks)
        open_chat(desks, by=SEED)
        knowledge.tell(companies, desks, people)
        lead_chat(desks, by=SEED)
        set_up(desks, people)
        open_shops(companies)
        open_stores(companies)
        levels.keep(desks, people)
    # One hash for all: forty would take a newcomer's patience, and these are nobody's secrets.
    User.objects.filter(pk__in=[p.pk for p in people.values()]).update(password=make_password(password))
    keys = {desk.pk: key for key, desk in desks.items()}
    return Places(
        companies=companies,
        desks=desks,
        mail={keys[p.desk_id]: p for p in points if p.kind == Channel.EMAIL},
        forms={keys[p.desk_id]: p for p in points if p.kind == Channel.FORM},
        people=people,
        fields=fields_of(desks[written()["desk"]]),
    )


def _company(key: str) -> Company:
    company = WORLD.company(key)
    return add_company(
        name=company.name, slug=company.key, prefix=company.prefix, accent_hue=company.hue, by=SEED
    )


def _operator(key: str, companies: dict[str, Company]) -> OperatorCompany:
    operator = next(o for o in WORLD.operators if o.key == key)
    return add_operator(name=operator.name, own_of=companies.get(operator.own_of), by=SEED)


def _desk(key: str, company: Company) -> Desk:
    desk = WORLD.desk(key)
    return add_desk(
        company,
        name=desk.name,
        public_name=desk.public_name,
        kind=desk.kind,
        greeting=desk.greeting,
        signature=desk.signature,
        hours=desk.hours,
        by=SEED,
    )


def _entry_point(desk: Desk, kind: str, address: str) -> EntryPoint:
    made = next(p for p in WORLD.entry_points if p.address == address)
    point = add_entry_point(
        desk,
        kind=Channel(kind),
        address=address,
        sender_name=made.sender_name,
        medium=made.medium,
        by=SEED,
    )
    if point.kind == Channel.FORM:
        _shape_form(point, made.desk)
    if made.desk == WITH_A_QUEUE and point.kind == Channel.PHONE:
        set_flow(point, in_words(WITH_QUEUE), sounds=sounds.is_there, by=SEED)
    return point


def _shape_form(point: EntryPoint, desk: str) -> None:
    topics = topics_of(WORLD.desk(desk).company).topics
    kinds = list(dict.fromkeys(topic.category for topic in topics if topic.desk == desk))
    label = "お問い合わせの種類"
    Form.objects.create(
        company_id=point.company_id,
        entry_point=point,
        title=f"{point.desk.public_name}へのお問い合わせ",
        introduction="いただいた内容を確認し、担当者からメールでお返事いたします。",
        fields=[
            {"name": "kind", "label": label, "kind": "choice", "required": True, "choices": kinds},
            {"name": "order", "label": "ご注文番号", "kind": "text", "required": False},
        ],
    )


def _engage(
    operators: dict[str, OperatorCompany], desks: dict[str, Desk], since: datetime
) -> dict[tuple[str, str], Engagement]:
    made = {}
    for terms in WORLD.engagements:
        engagement = engage(
            operators[terms.operator],
            desk=desks[terms.desk],
            model=OperatingModel(terms.model),
            starts_on=since.date(),
            by=SEED,
        )
        change_data_scope(engagement, masked=terms.masked, hidden=terms.hidden, by=SEED)
        made[terms.operator, terms.desk] = engagement
    return made


def _person(
    person: Person,
    companies: dict[str, Company],
    operators: dict[str, OperatorCompany],
    engagements: dict[tuple[str, str], Engagement],
) -> User:
    operator, company = operators.get(person.organisation), companies.get(person.organisation)
    user = add_person(
        email=person.email,
        name=person.name,
        kana=person.kana,
        operator=operator.pk if operator else None,
        company=company.pk if company else None,
        role=Role(person.role),
        by=SEED,
    )
    if person.desks:
        member = OperatorMember.objects.get(user=user, operator=operator)
        seats = [engagements[person.organisation, desk].pk for desk in person.desks]
        set_seats(member, engagements=seats, by=SEED)
    return user


def _write_templates(companies: dict[str, Company], desks: dict[str, Desk]) -> None:
    for template in WORLD.templates:
        add_template(
            companies[template.company],
            desk=desks.get(template.desk),
            name=template.name,
            body=template.body,
            by=SEED,
        )
