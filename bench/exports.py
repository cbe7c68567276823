"""Exports of other systems, as long as one likes, the same for the same count; some of what they hold is odd."""

import csv
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mails import PARTS

START = datetime(2025, 1, 1, tzinfo=UTC)
HEADINGS = (
    "受付番号",
    "件名",
    "本文",
    "区分",
    "氏名",
    "メールアドレス",
    "電話番号",
    "状態",
    "優先度",
    "受付日時",
)
_STATES = ("完了", "解決済み", "対応中", "新規", "保留")
_LARGE = 1_000_000


def csv_table(path: Path, rows: int) -> Path:
    """A table in Shift_JIS as Excel writes it: two rows in three open a case, the third answers the one before.

    One row in a thousand is odd: a cell is missing, a date or an address is none, a status nobody knows, or a quotation
    mark stands where none is meant.
    """
    dice = random.Random(1)
    with path.open("w", encoding="cp932", newline="") as file:
        table = csv.writer(file)
        table.writerow(HEADINGS)
        for number in range(rows):
            row = _row(dice, number)
            table.writerow(_odd(row, number // 1000) if number % 1000 == 500 else row)
    return path


def zendesk(path: Path, tickets: int) -> Path:
    """The full export: an object a line. One in a thousand was deleted, is no JSON, or is a megabyte long."""
    dice = random.Random(2)
    with path.open("w", encoding="utf-8") as file:
        for number in range(tickets):
            line = json.dumps(_ticket(dice, number), ensure_ascii=False)
            file.write((line[:200] if number % 1000 == 501 else line) + "\n")
    return path


def _row(dice: random.Random, number: int) -> list[str]:
    answers = number % 3 == 2
    case = number - 1 if answers else number
    customer = case % 20_000
    return [
        f"Q-{case:06}",
        f"①ご注文 {24000 + case} の件(㈱髙﨑)",
        _text(dice),
        "回答" if answers else "受信",
        f"髙橋 {customer}",
        f"customer{customer}@home.example",
        f'="0{customer:09}"',
        dice.choice(_STATES),
        dice.choice(("低", "中", "高", "")),
        (START + timedelta(minutes=case, seconds=40 * answers)).strftime("%Y/%m/%d %H:%M:%S"),
    ]


def _odd(row: list[str], which: int) -> list[str]:
    change = which % 5
    if change == 0:
        return row[:-1]
    at, written = ((9, "昨日"), (5, "なし"), (7, "確認中?"), (2, 'A4 "ヨコ" 12" の件'))[change - 1]
    return [*row[:at], written, *row[at + 1 :]]


def _ticket(dice: random.Random, number: int) -> dict[str, Any]:
    customer = {"id": 1000 + number % 20_000, "role": "end-user"}
    customer |= {"name": f"髙橋 {number % 20_000}", "email": f"customer{number % 20_000}@home.example"}
    agent = {"id": 21, "name": "鈴木 一郎", "email": "suzuki@staff.example", "role": "agent"}
    began = START + timedelta(minutes=number)
    return {
        "url": f"https://old.example/api/v2/tickets/{number}.json",
        "id": number + 1,
        "created_at": f"{began:%Y-%m-%dT%H:%M:%SZ}",
        "updated_at": f"{began + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}",
        "subject": f"ご注文 {24000 + number} について",
        "description": "",
        "priority": dice.choice(("low", "normal", "high", None)),
        "status": "deleted" if number % 1000 == 502 else dice.choice(("solved", "closed", "open", "pending")),
        "requester": customer,
        "assignee": agent,
        "tags": ["配送", f"t{number % 50}"],
        "comments": list(_comments(dice, number, began, customer, agent)),
    }


def _comments(
    dice: random.Random, number: int, began: datetime, customer: dict[str, Any], agent: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    for place, who in enumerate((customer, agent, agent)):
        at = began + timedelta(hours=place)
        text = _text(dice)
        large = "x" * _LARGE if number % 1000 == 503 and not place else ""
        yield {
            "id": number * 10 + place,
            "author_id": who["id"],
            "author": who,
            "plain_body": text,
            "html_body": f"<div>{text}<!-- {large} --></div>",
            "public": place != 2,
            "created_at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        }


def _text(dice: random.Random) -> str:
    return "\n".join(dice.choice(PARTS) for _ in range(dice.randint(3, 12)))
