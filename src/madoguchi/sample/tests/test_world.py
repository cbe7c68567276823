"""The organisations of the sample world."""

from collections import Counter

from madoguchi.kernel.actor import OperatingModel, Role
from madoguchi.sample.corpus import topics_of
from madoguchi.sample.world import sample_world

WORLD = sample_world()


def test_there_are_three_companies_three_operators_five_desks_and_forty_people() -> None:
    assert [c.key for c in WORLD.companies] == ["hanamoto", "asagiri", "tsukishiro"]
    assert [o.key for o in WORLD.operators] == ["hanamoto-centre", "minato", "shirakaba"]
    assert len(WORLD.desks) == 5
    assert len(WORLD.people) == 40


def test_every_operating_model_is_there_and_one_operator_serves_two_companies() -> None:
    assert {e.model for e in WORLD.engagements} == {str(model) for model in OperatingModel}
    served = {(e.operator, WORLD.desk(e.desk).company) for e in WORLD.engagements}
    assert Counter(operator for operator, _ in served) == {"hanamoto-centre": 1, "minato": 2, "shirakaba": 1}


def test_every_role_is_there() -> None:
    assert Counter(p.role for p in WORLD.people) == {
        Role.AGENT: 22,
        Role.SUPERVISOR: 5,
        Role.MANAGER: 3,
        Role.COMPANY_STAFF: 6,
        Role.COMPANY_MANAGER: 3,
        Role.ADMINISTRATOR: 1,
    }


def test_people_work_only_where_their_operator_is_engaged() -> None:
    engaged = {(e.operator, e.desk) for e in WORLD.engagements}
    assert [(p.name, d) for p in WORLD.people for d in p.desks if (p.organisation, d) not in engaged] == []


def test_every_desk_has_agents_and_a_supervisor() -> None:
    for desk in WORLD.desks:
        assert len(WORLD.staff_of(desk.key, "agent")) >= 3, desk.key
        assert len(WORLD.staff_of(desk.key, "supervisor")) >= 1, desk.key


def test_nobody_is_called_like_another_so_that_a_family_name_is_enough() -> None:
    assert len({p.family for p in WORLD.people}) == 40
    assert len({p.email for p in WORLD.people}) == 40
    assert len({p.key for p in WORLD.people}) == 40


def test_addresses_are_of_the_organisation_and_reserved_for_examples() -> None:
    domains = {o.key: o.domain for o in WORLD.operators} | {c.key: c.domain for c in WORLD.companies}
    assert all(domain.endswith(".example") for domain in domains.values())
    for person in WORLD.people:
        assert person.email.endswith(f"@{domains.get(person.organisation, 'madoguchi.example')}")
    assert all(d.address.endswith(f"@{WORLD.company(d.company).domain}") for d in WORLD.desks)


def test_every_desk_has_a_mail_address_a_form_and_a_number() -> None:
    assert Counter((p.desk, p.kind) for p in WORLD.entry_points) == Counter(
        (d.key, kind) for d in WORLD.desks for kind in ("email", "form", "phone")
    )


def test_templates_name_only_known_variables_and_their_own_companys_desks() -> None:
    known = {"customer", "case", "agent", "desk"}
    for template in WORLD.templates:
        named = {part.partition("}}")[0] for part in template.body.split("{{")[1:]}
        assert named <= known, template.name
        assert not template.desk or WORLD.desk(template.desk).company == template.company


def test_topics_stay_with_their_company() -> None:
    for company in WORLD.companies:
        topics = topics_of(company.key)
        assert {WORLD.desk(t.desk).company for t in topics.topics} == {company.key}
        assert {t.desk for t in topics.topics} == {d.key for d in WORLD.desks if d.company == company.key}
        assert topics.english.language == "en"
        assert all(t.items for t in topics.topics)
