"""The story of `formats.py` as it must stand here in the end, and as it does."""

from typing import Any

from madoguchi.cases.models import Case
from madoguchi.imports.actions import Target, target_of
from madoguchi.imports.tests.formats import AGENT, ANSWERED, ASKED, HER, HIM, NOTED, OURS
from madoguchi.infra import scope
from madoguchi.people.factories import World

T1, T2, T3, T4 = (f"2024-05-01T0{hour}:00:00+00:00" for hour in (1, 2, 3, 4))


def target_here(world: World) -> Target:
    """The desk of the story, as an import begins."""
    return target_of(world.ours.entry_point, source="there", importer=world.ours.supervisor.pk)


def rows() -> list[dict[str, Any]]:
    """All cases of all companies."""
    with scope.everywhere(reason="a test looks at everything"):
        cases = Case.objects.select_related("customer", "assignee").order_by("opened_at")
        return [_row(case) for case in cases]


def _row(case: Case) -> dict[str, Any]:
    return {
        "case": (case.subject, case.status, case.priority, case.tags),
        "customer": (case.customer.name, [i.value for i in case.customer.identities.all()]),
        "assignee": case.assignee.email if case.assignee else "",
        "times": [
            moment and moment.isoformat()
            for moment in (case.opened_at, case.first_replied_at, case.waiting_since)
        ],
        "said": [
            (m.at.isoformat(), m.author, m.sender_address, m.sender_name, m.text.strip())
            for m in case.messages.order_by("at")
        ],
        "notes": [(n.at.isoformat(), n.user.email, n.text) for n in case.notes.order_by("at")],
    }


def whole_story() -> list[dict[str, Any]]:
    """As those tell it who know all of it."""
    return [
        {
            "case": ("届きません", "solved", 3, ["配送", "vip"]),
            "customer": ("佐藤 花子", [HER]),
            "assignee": AGENT,
            "times": [T1, T2, None],
            "said": [
                (T1, "customer", HER, "佐藤 花子", ASKED),
                (T2, "staff", AGENT, "鈴木 一郎", ANSWERED),
            ],
            "notes": [(T3, AGENT, NOTED)],
        },
        {
            "case": ("色", "new", 2, []),
            "customer": ("田中", [HIM]),
            "assignee": "",
            "times": [T4, None, T4],
            "said": [(T4, "customer", HIM, "田中", "青は?")],
            "notes": [],
        },
    ]


def as_known_by(format_: str) -> list[dict[str, Any]]:
    """The story as far as the format can tell it."""
    story = whole_story()
    if format_ == "mbox":
        first = story[0]
        first["case"] = ("届きません", "waiting_customer", 2, [])
        first["assignee"], first["notes"] = "", []
        first["said"][1] = (T2, "staff", OURS, "鈴木 一郎", ANSWERED)
    if format_ == "osticket":
        story[0]["case"] = ("届きません", "solved", 2, [])
        story[1]["case"] = ("色", "open", 2, [])
    return story
