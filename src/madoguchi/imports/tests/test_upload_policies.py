"""Who may bring something in, and who looks after what was uploaded. Pure."""

import pytest

from madoguchi.imports.models import Upload
from madoguchi.imports.policies import may_import, may_look_after
from madoguchi.kernel.actor import Actor, ActorKind, Grant, Role

COMPANY, DESK, OTHER_DESK, OTHER_COMPANY = 1, 10, 11, 2


def somebody(role: Role, *, company: int = COMPANY, desk: int | None = None, id: int = 5) -> Actor:
    return Actor(ActorKind.PERSON, "花子", id, (Grant(company, role, desk),))


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.AGENT, False),
        (Role.SUPERVISOR, False),
        (Role.MANAGER, False),
        (Role.COMPANY_STAFF, False),
        (Role.COMPANY_MANAGER, True),
        (Role.ADMINISTRATOR, True),
    ],
)
def test_who_sets_the_desk_up_imports(role: Role, may: bool) -> None:
    assert may_import(somebody(role), company=COMPANY, desk=DESK) is may


@pytest.mark.parametrize(
    ("actor", "may"),
    [
        (somebody(Role.COMPANY_MANAGER, desk=DESK), True),
        (somebody(Role.COMPANY_MANAGER, desk=OTHER_DESK), False),
        (somebody(Role.COMPANY_MANAGER, company=OTHER_COMPANY), False),
        (Actor(ActorKind.CUSTOMER, "客", 3), False),
    ],
)
def test_and_nobody_elsewhere(actor: Actor, may: bool) -> None:
    assert may_import(actor, company=COMPANY, desk=DESK) is may


@pytest.mark.parametrize(
    ("actor", "owner", "may"),
    [
        # A company's manager reads what comes of it anyway.
        (somebody(Role.COMPANY_MANAGER), 5, True),
        (somebody(Role.COMPANY_MANAGER), 6, True),
        # An administrator reads no case, so only their own files.
        (somebody(Role.ADMINISTRATOR), 5, True),
        (somebody(Role.ADMINISTRATOR), 6, False),
        # Who reads the cases and sets nothing up has no part in it, nor has one who no longer does.
        (somebody(Role.SUPERVISOR), 6, False),
        (somebody(Role.SUPERVISOR), 5, False),
        (somebody(Role.COMPANY_MANAGER, company=OTHER_COMPANY), 5, False),
    ],
)
def test_files_are_for_who_uploaded_them_and_for_who_reads_what_comes_of_them(
    actor: Actor, owner: int, may: bool
) -> None:
    upload = Upload(company_id=COMPANY, desk_id=DESK, owner_id=owner)

    assert may_look_after(actor, upload) is may
