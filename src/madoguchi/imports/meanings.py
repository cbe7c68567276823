"""What words for statuses, priorities and who speaks mean here, whichever system wrote them."""

from collections.abc import Mapping
from typing import TypeVar

from madoguchi.cases.models import Priority, Status
from madoguchi.imports.records import By
from madoguchi.kernel.text import fold

Choice = TypeVar("Choice", Status, Priority, By)

STATUSES: Mapping[Status, tuple[str, ...]] = {
    Status.NEW: ("new", "新規", "未対応", "未着手"),
    Status.OPEN: ("open", "reopened", "対応中", "未解決", "オープン", "再開"),
    Status.WAITING_CUSTOMER: (
        *(
            "waiting_customer",
            "pending",
            "pending reminder",
            "pending close",
            "waiting",
            "waiting on customer",
        ),
        *("お客様待ち", "顧客待ち", "返信待ち", "保留", "保留中"),
    ),
    Status.WAITING_THIRD: (
        *("waiting_third", "on hold", "on-hold", "hold", "waiting on third party", "社外待ち", "他部署待ち"),
    ),
    Status.SOLVED: ("solved", "resolved", "解決", "解決済", "解決済み", "対応済", "対応済み"),
    Status.CLOSED: ("closed", "archived", "merged", "完了", "終了", "クローズ"),
}
PRIORITIES: Mapping[Priority, tuple[str, ...]] = {
    Priority.LOW: ("low", "1 low", "低", "低い"),
    Priority.NORMAL: ("normal", "medium", "2 normal", "中", "普通", "通常"),
    Priority.HIGH: ("high", "3 high", "高", "高い"),
    Priority.URGENT: ("urgent", "emergency", "緊急", "至急"),
}
SPEAKERS: Mapping[By, tuple[str, ...]] = {
    By.CUSTOMER: (
        "customer",
        "in",
        "inbound",
        "incoming",
        "received",
        "受信",
        "顧客",
        "お客様",
        "問い合わせ",
    ),
    By.STAFF: ("staff", "agent", "out", "outbound", "outgoing", "sent", "送信", "回答", "返信", "担当者"),
    By.NOTE: ("note", "internal", "private", "メモ", "社内メモ", "内部メモ", "コメント"),
}


def meaning(written: object, words: Mapping[Choice, tuple[str, ...]], *, what: str) -> Choice | None:
    """What a word means; None for no word. Raises ValueError for one that is not known."""
    said = fold(str(written if written is not None else "").strip())
    if not said:
        return None
    found = next((choice for choice, names in words.items() if said in map(fold, names)), None)
    if found is None:
        raise ValueError(f"The {what} “{str(written)[:60]}” is not known here.")
    return found
