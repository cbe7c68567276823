"""One little desk, told as each of the systems tells it.

佐藤 asks after her order, 鈴木 (of the desk) answers, notes something and closes it; 田中 asks for a colour and waits.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from madoguchi.imports.tests.desks import mbox

OURS, AGENT, HER, HIM = (
    "support@hinata.example",
    "suzuki@staff.example",
    "sato@home.example",
    "tanaka@b.example",
)
ASKED, ANSWERED, NOTED = "注文した品が届きません。", "本日発送しました。", "倉庫に確認済み。"
T1, T2, T3, T4 = (f"2024-05-01T0{hour}:00:00Z" for hour in (1, 2, 3, 4))


def _written(path: Path, found: Any) -> Path:
    path.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    return path


def _lines(path: Path, *found: Any) -> Path:
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in found), encoding="utf-8")
    return path


def zendesk(folder: Path) -> tuple[Path, ...]:
    """The full export: an object a line, people within their tickets."""
    her = {"id": 11, "name": "佐藤 花子", "email": HER, "role": "end-user"}
    him = {"id": 12, "name": "田中", "email": HIM, "role": "end-user"}
    agent = {"id": 21, "name": "鈴木 一郎", "email": AGENT, "role": "agent"}
    one = {
        "url": "https://hinata.zendesk.example/api/v2/tickets/35.json",
        "id": 35,
        "created_at": T1,
        "updated_at": T3,
        "subject": "届きません",
        "description": ASKED,
        "priority": "high",
        "status": "solved",
        "requester": her,
        "assignee": agent,
        "tags": ["配送", "vip"],
        "comments": [
            {
                "id": 1,
                "author_id": 11,
                "plain_body": ASKED,
                "html_body": "",
                "public": True,
                "created_at": T1,
            },
            {"id": 2, "author_id": 21, "author": agent, "body": ANSWERED, "public": True, "created_at": T2},
            {"id": 3, "author_id": 21, "author": agent, "body": NOTED, "public": False, "created_at": T3},
        ],
    }
    other = {
        "id": 36,
        "created_at": T4,
        "updated_at": T4,
        "subject": "色",
        "status": "new",
        "priority": None,
        "requester": him,
        "assignee": None,
        "tags": [],
        "description": "青は?",
        "comments": [{"id": 4, "author_id": 12, "body": "青は?", "public": True, "created_at": T4}],
    }
    return (_lines(folder / "tickets.json", one, other),)


def zendesk_by_api(folder: Path) -> tuple[Path, ...]:
    """What the API lists: people and comments in files of their own."""
    [path] = zendesk(folder)
    tickets = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    users, comments = {}, []
    for ticket in tickets:
        for key in ("requester", "assignee"):
            person = ticket.pop(key) or {}
            ticket[f"{key}_id"] = person.get("id")
            users[person.get("id")] = person
        for comment in ticket.pop("comments"):
            comment.pop("author", None)
            comments.append({**comment, "ticket_id": ticket["id"]})
    people = [user for user in users.values() if user]
    return (
        _written(folder / "t.json", {"tickets": tickets, "next_page": None, "count": 2}),
        _written(folder / "u.json", {"users": people}),
        _written(folder / "c.json", {"count": 4, "comments": comments}),
    )


def freshdesk(folder: Path) -> tuple[Path, ...]:
    """The export of an account: wrapped tickets with their notes, and users."""

    def note(id_: int, text: str, at: str, *, incoming: bool, private: bool, user: int) -> dict[str, Any]:
        return {
            "id": id_,
            "body": text,
            "body_html": f"<div>{text}</div>",
            "created_at": at,
            "incoming": incoming,
            "private": private,
            "user_id": user,
        }

    one = {
        "display_id": 35,
        "id": 1004029394,
        "created_at": T1,
        "updated_at": T3,
        "subject": "届きません",
        "description": ASKED,
        "description_html": f"<div>{ASKED}</div>",
        "priority": 3,
        "status": 4,
        "requester_id": 11,
        "requester_name": "佐藤 花子",
        "responder_id": 21,
        "responder_name": "鈴木 一郎",
        "status_name": "Resolved",
        "tags": [{"name": "配送"}, {"name": "vip"}],
        "spam": False,
        "notes": [
            note(2, ANSWERED, T2, incoming=False, private=False, user=21),
            {"helpdesk_note": note(3, NOTED, T3, incoming=False, private=True, user=21)},
        ],
    }
    other = {
        "display_id": 36,
        "id": 1004029395,
        "created_at": T4,
        "updated_at": T4,
        "subject": "色",
        "description": "青は?",
        "priority": 2,
        "status": 8,
        "status_name": "新規",
        "notes": [],
        "requester": {"id": 12, "name": "田中", "email": HIM},
        "responder_name": "No Agent",
        "tags": [],
    }
    users = [
        {"user": {"id": 11, "name": "佐藤 花子", "email": HER, "helpdesk_agent": False}},
        {"user": {"id": 12, "name": "田中", "email": HIM, "helpdesk_agent": False}},
        {"user": {"id": 21, "name": "鈴木 一郎", "email": AGENT, "helpdesk_agent": True}},
    ]
    return (
        _written(folder / "Tickets.json", [{"helpdesk_ticket": one}, {"helpdesk_ticket": other}]),
        _written(folder / "Users.json", users),
    )


def zammad(folder: Path) -> tuple[Path, ...]:
    """What its REST API gives: tickets with `expand`, articles and users."""

    def article(id_: int, ticket: int, sender: str, body: str, at: str, **more: Any) -> dict[str, Any]:
        return {
            "id": id_,
            "ticket_id": ticket,
            "sender": sender,
            "body": body,
            "created_at": at,
            "content_type": "text/plain",
            "internal": False,
            "attachments": [],
            **more,
        }

    tickets = [
        {
            "id": 35,
            "number": "96035",
            "title": "届きません",
            "state": "解決済み",
            "priority": "3 high",
            "customer_id": 11,
            "owner_id": 21,
            "created_at": T1,
            "updated_at": T3,
            "tags": ["配送", "vip"],
        },
        {
            "id": 36,
            "number": "96036",
            "title": "色",
            "state_id": 1,
            "priority_id": 2,
            "customer_id": 12,
            "owner_id": 1,
            "created_at": T4,
            "updated_at": T4,
        },
    ]
    articles = [
        article(1, 35, "Customer", ASKED, T1, created_by_id=11, message_id="<m1@home.example>"),
        article(2, 35, "Agent", f"<p>{ANSWERED}</p>", T2, created_by_id=21, content_type="text/html"),
        article(3, 35, "Agent", NOTED, T3, created_by_id=21, internal=True),
        article(5, 35, "System", "auto", T3, created_by_id=1),
        article(4, 36, "Customer", "青は?", T4, created_by_id=12),
    ]
    users = [
        {"id": 1, "login": "-", "firstname": "-", "lastname": "", "email": "", "role_ids": []},
        {"id": 11, "firstname": "花子", "lastname": "佐藤", "email": HER, "role_ids": [3]},
        {"id": 12, "firstname": "", "lastname": "田中", "email": HIM, "role_ids": [3]},
        {"id": 21, "firstname": "一郎", "lastname": "鈴木", "email": AGENT, "role_ids": [2]},
    ]
    return (
        _written(folder / "tickets.json", tickets),
        _written(folder / "articles.json", articles),
        _written(folder / "users.json", users),
    )


def osticket(folder: Path) -> tuple[Path, ...]:
    """What `manage.php export` writes."""

    def at(written: str) -> str:
        return written.replace("T", " ").removesuffix("Z")

    rows: list[Any] = [[["osTicket-Backup", "B"], {"version": "v1.18", "table_prefix": "ost_"}]]

    def table(name: str, columns: str, *found: list[Any]) -> None:
        rows.extend([["table", name, columns.split()], *found, ["end-table"]])

    table("staff", "staff_id firstname lastname email", [21, "一郎", "鈴木", AGENT])
    table(
        "ticket",
        "ticket_id number user_id status_id staff_id closed created updated lastupdate",
        [35, "600035", 11, 2, 21, at(T3), at(T1), at(T3), at(T3)],
        [36, "600036", 12, 1, 0, None, at(T4), at(T4), None],
    )
    table("thread", "id object_id object_type", [135, 35, "T"], [136, 36, "T"], [137, 35, "A"])
    table(
        "thread_entry",
        "id thread_id staff_id user_id type poster title body format created",
        [1, 135, 0, 11, "M", "佐藤 花子", "届きません", ASKED, "text", at(T1)],
        [2, 135, 21, 0, "R", "鈴木", None, f"<p>{ANSWERED}</p>", "html", at(T2)],
        [3, 135, 21, 0, "N", "鈴木", "解決", NOTED, "text", at(T3)],
        [4, 136, 0, 12, "M", "田中", "色", "青は?", "text", at(T4)],
    )
    table("user", "id name created", [11, "佐藤 花子", at(T1)], [12, "田中", at(T4)])
    table("user_email", "id user_id address", [1, 11, HER], [2, 12, HIM])
    return (_lines(folder / "export.json", *rows),)


def csv(folder: Path) -> tuple[Path, ...]:
    """A table as somebody makes it with a spreadsheet, in Shift_JIS."""
    head = "番号,件名,本文,区分,発信者,発信者メール,氏名,メールアドレス,状態,優先度,タグ,担当者,日時"
    who = f"佐藤 花子,{HER}"
    rows = [
        f"35,届きません,{ASKED},受信,,,{who},対応中,高,,,2024/05/01 10:00",
        f"35,,{ANSWERED},送信,鈴木 一郎,{AGENT},{who},,,,,2024/05/01 11:00",
        f"35,,{NOTED},メモ,鈴木 一郎,{AGENT},{who},解決済み,高,配送、vip,{AGENT},2024年5月1日 12時00分",
        f"36,色,青は?,,,,田中,{HIM},新規,,,,2024/05/01 13:00",
    ]
    path = folder / "cases.csv"
    path.write_bytes("\r\n".join([head, *rows, ""]).encode("cp932"))
    return (path,)


def mail(folder: Path) -> tuple[Path, ...]:
    """A mailbox, which knows neither notes nor statuses."""

    def one(sender: str, to: str, at: str, subject: str, text: str, id_: str, answers: str = "") -> bytes:
        head = f"From: {sender}\nTo: {to}\nSubject: {subject}\nDate: {at}\nMessage-ID: <{id_}>\n"
        head += f"In-Reply-To: <{answers}>\n" if answers else ""
        kind = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
        return (head + kind + text + "\n").encode()

    day = "Wed, 01 May 2024 {}:00:00 +0900"
    return (
        mbox(
            folder / "box",
            one(f"佐藤 花子 <{HER}>", OURS, day.format("10"), "届きません", ASKED, "m1@home.example"),
            one(
                f"鈴木 一郎 <{OURS}>",
                HER,
                day.format("11"),
                "Re: 届きません",
                ANSWERED,
                "a1@o.example",
                "m1@home.example",
            ),
            one(f"田中 <{HIM}>", OURS, day.format("13"), "色", "青は?", "m2@b.example"),
        ),
    )


FORMATS: dict[str, tuple[str, Callable[[Path], tuple[Path, ...]]]] = {
    "mbox": ("mbox", mail),
    "csv": ("csv", csv),
    "zendesk, exported": ("zendesk", zendesk),
    "zendesk, by its API": ("zendesk", zendesk_by_api),
    "freshdesk": ("freshdesk", freshdesk),
    "zammad": ("zammad", zammad),
    "osticket": ("osticket", osticket),
}
