"""What the paper of a disclosure says of each table that holds something of a person: as people read it, with names
where rows have ids. Tables that stand in sections of their own (`collecting.py`), or are not read by people, say so.

Words are those of a paper for people in Japan, as in `paper.py`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.db import models
from django.utils import translation

from madoguchi.kernel import clock
from madoguchi.rights.registry import model_of

Told = dict[str, Any]


def _always(row: Any) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Shown:
    """How a table is read: under which section, what one row is called, and its columns with their headings; `when`
    says which rows, where others stand elsewhere.
    """

    section: str
    called: str
    columns: Mapping[str, str]
    when: Callable[[Any], bool] = field(default=_always)


_CASE = {"case": "用件"}
_ORDER = {"order": "注文"}
_SENT_TO = {"recipient": "お届け先", "postcode": "郵便番号", "address": "ご住所", "phone": "電話番号"}
# In the order in which the paper has them.
SHOWN: Final[Mapping[str, Shown]] = {
    "reservations.Reservation": Shown(
        "ご予約",
        "ご予約",
        {
            "number": "番号",
            "resource": "場所・内容",
            "begins": "開始",
            "ends": "終了",
            "people": "人数",
            "state": "状態",
            "note": "備考",
            "made_at": "受付日時",
        },
    ),
    "commerce.Subscription": Shown(
        "定期購入",
        "定期購入",
        {
            "number": "番号",
            "variant": "商品",
            "quantity": "数量",
            "every": "間隔",
            "unit": "間隔の単位",
            "total": "1回の金額(円)",
            "state": "状態",
            "begun_at": "お申し込み",
            "next_on": "次回",
            "last_on": "最終回",
            "resume_on": "再開日",
            "cancelled_at": "解約日時",
            "reason": "解約の理由",
            "why": "理由の詳細",
            **_SENT_TO,
        },
    ),
    "commerce.Parcel": Shown(
        "配送・返品・返金",
        "お荷物",
        {**_ORDER, "carrier": "運送会社", "slip": "伝票番号", "state": "状態", "moved_at": "最終更新"},
    ),
    "commerce.Piece": Shown(
        "配送・返品・返金",
        "お買い上げ品の番号",
        {"line": "商品", "lot": "ロット", "serial": "製造番号", "at": "記録した日時"},
    ),
    "commerce.Return": Shown(
        "配送・返品・返金",
        "返品・返金",
        {
            **_ORDER,
            "number": "番号",
            "state": "状態",
            "reason": "理由",
            "note": "備考",
            "total": "返金額(円)",
            "asked_at": "お申し出",
            "settled_at": "完了",
        },
    ),
    "commerce.Decision": Shown(
        "配送・返品・返金",
        "配送についての判断",
        {
            **_ORDER,
            "choice": "対応",
            "reason": "理由",
            "at": "日時",
            "cause": "照会先の答え",
            "answer": "答えの内容",
            "answered_at": "答えの日時",
        },
    ),
    "commerce.Solicitation": Shown(
        "電話でのご案内(電話勧誘販売)",
        "ご案内",
        {
            **_ORDER,
            "subscription": "定期購入",
            "outside": "ご案内した商品",
            "at": "日時",
            "papers_on": "書面の受領日",
            "withdrawn_on": "申込みの撤回の通知日",
        },
    ),
    "customers.Consent": Shown(
        "同意の記録",
        "同意",
        {
            "purpose": "目的",
            "channel": "方法",
            "given": "同意",
            "how": "お申し出の方法",
            "note": "備考",
            "at": "お申し出の日時",
            "written_at": "記録した日時",
        },
    ),
    "customers.Refusal": Shown(
        "同意の記録",
        "お断りの控え(番号・連絡先のハッシュ値)",
        {"purpose": "目的", "channel": "方法", "at": "お申し出の日時"},
    ),
    "customers.CustomerNote": Shown(
        "メモとご希望",
        "メモ",
        {
            "kind": "種類",
            "text": "内容",
            "until": "有効期限",
            "at": "記録した日時",
            "ended_at": "取り下げた日時",
        },
    ),
    "complaints.Complaint": Shown(
        "苦情",
        "苦情",
        {
            **_CASE,
            "facts": "事実",
            "demand": "ご要求",
            "manner": "お申し出の様子",
            "severity": "重さ",
            "state": "状態",
            "corrective": "是正",
            "answer": "回答",
            "made_at": "受付日時",
        },
    ),
    "signals.Signal": Shown(
        "不具合・事故のお申し出",
        "お申し出",
        {
            **_CASE,
            "kind": "種類",
            "words": "内容",
            "product": "商品",
            "lot": "ロット",
            "serial": "製造番号",
            "raised_at": "記録した日時",
        },
    ),
    "signals.Grave": Shown(
        "不具合・事故のお申し出",
        "重大な事故のおそれのある言葉",
        {**_CASE, "words": "言葉", "sorts": "種類", "found_at": "日時", "reason": "該当しないとした理由"},
    ),
    "shield.Mark": Shown(
        "応対についての記録",
        "応対の記録",
        {
            **_CASE,
            "sort": "種類",
            "words": "内容",
            "state": "判断",
            "reason": "判断の理由",
            "marked_at": "日時",
        },
    ),
    "shield.Stop": Shown(
        "応対についての記録",
        "応対の終了",
        {"state": "状態", "reason": "理由", "asked_at": "日時", "lifted_at": "解除"},
    ),
    "shield.Appeal": Shown(
        "応対についての記録",
        "異議のお申し出",
        {"words": "内容", "came_at": "日時", "state": "状態", "answer": "回答"},
    ),
    "shield.Suggestion": Shown(
        "応対についての記録",
        "自動で見つかった言葉",
        {**_CASE, "sort": "種類", "found": "言葉", "found_at": "日時", "reason": "取り上げなかった理由"},
    ),
    "escalations.Escalation": Shown(
        "確認・伝言・作業",
        "社内での確認",
        {**_CASE, "question": "確認したこと", "tried": "試したこと", "answer": "回答", "asked_at": "日時"},
    ),
    "escalations.Slip": Shown(
        "確認・伝言・作業",
        "伝言",
        {
            **_CASE,
            "caller": "お名前",
            "call_back": "折り返し先",
            "words": "伝言",
            "made_at": "日時",
            "done_words": "対応",
        },
    ),
    "tasks.Task": Shown(
        "確認・伝言・作業", "作業", {**_CASE, "title": "内容", "due_at": "期限", "done_at": "完了"}
    ),
    "promises.DelayNotice": Shown(
        "確認・伝言・作業",
        "遅れのお知らせ",
        {**_CASE, "reason": "理由", "text": "文面", "made_at": "日時"},
    ),
    "cases.PendingAnswer": Shown(
        "送信前の文面",
        "送信待ちの返信",
        {**_CASE, "text": "文面", "state": "状態", "comment": "確認者の意見", "created_at": "日時"},
    ),
    "cases.Draft": Shown("送信前の文面", "下書き", {**_CASE, "text": "文面", "saved_at": "日時"}),
    "intake.Arrival": Shown(
        "用件にならなかったご連絡",
        "届いたご連絡",
        {"arrived_at": "日時", "summary": "差出人と件名", "reason": "用件にしなかった理由"},
        when=lambda row: row.message_id is None,
    ),
    "webchat.Visit": Shown(
        "チャット・LINE",
        "チャット",
        {"called": "お名前", "address": "メールアドレス", "began_at": "日時"},
    ),
    "line.Friend": Shown(
        "チャット・LINE",
        "LINE",
        {"called": "表示名", "followed_at": "友だち追加", "blocked_at": "ブロック"},
    ),
    "voice.PlannedCall": Shown(
        "折り返しのお電話", "折り返し", {"number": "電話番号", "state": "状態", "since": "日時"}
    ),
    "bot.Verdict": Shown(
        "自動応答への評価", "評価", {**_CASE, "found": "判断", "words": "内容", "at": "日時"}
    ),
    "imports.Origin": Shown(
        "以前のシステムでの番号",
        "以前の番号",
        {"source": "移行元", "number": "番号", "external_id": "識別子", "at": "移行日時"},
    ),
    "customers.Unmasking": Shown(
        "伏せていた項目を表示した記録",
        "表示",
        {"field": "項目", "reason": "理由", "at": "日時", "until": "まで"},
    ),
}
# What other sections of the paper tell (`collecting.py`).
ELSEWHERE: Final = frozenset(
    {
        *("cases.Case", "cases.Message", "cases.Note", "cases.HandOff", "cases.Attachment"),
        *("promises.Promise", "voice.Call", "voice.Recording", "commerce.Order", "commerce.IssuedDocument"),
        *(
            "customers.Customer",
            "customers.Identity",
            "customers.PostalAddress",
            "customers.Belonging",
            "rights.Request",
        ),
    }
)
_AGAIN = "what stands in messages and cases already"
# What stands in `records` of disclosure.json alone, and why nobody needs it on paper.
NOT_READ: Final[Mapping[str, str]] = {
    **dict.fromkeys(("search.Document", "search.FileText", "cases.FilledValue"), _AGAIN),
    **dict.fromkeys(("email.SentMail", "delivery.Outgoing", "intake.RawArrival", "line.Received"), _AGAIN),
    "email.RemoteImage": "pictures of messages, by hash",
    "infra.EventWords": "earlier values of columns, for machines",
    "escalations.SlipLetter": "how a letter about a slip fared",
    "escalations.EscalationFile": "a file of a message that was shown with a question",
    **dict.fromkeys(("shield.Consultation", "shield.PoliceReport"), "not told at all (`withheld.py`)"),
    "feedback.Praise": "what colleagues tell one another of how they work",
    "signals.Instruction": "how the company and the operator of a desk deal with one another",
    "following.Notification": "that one of us was told of something",
    "intake.Report": "how a mail server answered",
    "intake.Awaited": "an address of a case, for a while",
    "intake.SenderRule": "an address that is blocked or allowed, for machines",
    "cases.DraftFile": "files of what has not left",
    "cases.PendingFile": "files of what has not left",
    "cases.Mention": "that one of us was named in a note",
    **dict.fromkeys(("cases.Merge", "cases.Split", "customers.Join"), "which rows moved, by ids"),
    "macros.MacroRun": "which shortcut of ours was used",
    "batches.BatchRow": "that a case was among many",
    "line.LinkCode": "a code, for some minutes",
    "line.SentPart": "how LINE numbers what was sent",
    "storefronts.Handed": "what a shop sent, as it came; what became of it stands under orders",
}
_FIELDS: Final[Mapping[str, str]] = {
    "name": "お名前",
    "kana": "読み",
    "email": "メールアドレス",
    "phone": "電話番号",
    "address": "ご住所",
    "memo": "メモ",
}


# What an order, a case or a variant is called has more to it than its own row.
_ALONG: Final[Mapping[str, str]] = {
    "case": "case__company",
    "resource": "resource__store",
    "variant": "variant__product",
}


def related(label: str) -> list[str]:
    """What is read along with rows of a table, so that no row asks for itself."""
    shown = SHOWN.get(label)
    if shown is None:
        return []
    columns = model_of(label)._meta
    found = [name for name in shown.columns if columns.get_field(name).is_relation]
    return [_ALONG.get(name, name) for name in found]


def facts_of(row: models.Model, told: Iterable[str]) -> Told | None:
    """A row as the paper has it, of columns that are told; None where it stands elsewhere or is not read."""
    shown = SHOWN.get(row._meta.label)
    if shown is None or not shown.when(row):
        return None
    allowed = set(told)
    with translation.override("ja"):
        facts = [
            [heading, _in_words(row, name)] for name, heading in shown.columns.items() if name in allowed
        ]
    return {"called": shown.called, "facts": [fact for fact in facts if fact[1]]}


def sections_of(rows: Mapping[str, list[Told]]) -> Iterator[tuple[str, list[Told]]]:
    """The sections in the order of the paper, each with what stands in it: also those in which nothing does."""
    for title in dict.fromkeys(shown.section for shown in SHOWN.values()):
        yield (
            title,
            [one for label, shown in SHOWN.items() if shown.section == title for one in rows.get(label, [])],
        )


def _in_words(row: Any, name: str) -> str:
    value = getattr(row, name)
    if row._meta.label == "customers.Unmasking" and name == "field":
        return _FIELDS.get(value, value)
    if name == "case" and value is not None:
        return str(value.spoken_number(value.company.prefix))
    if row._meta.get_field(name).choices:
        return str(getattr(row, f"get_{name}_display")())
    return _plain(value)


def _plain(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, datetime):
        at = value.astimezone(clock.TOKYO)
        return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}"
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    if isinstance(value, list):
        return "、".join(map(str, value))
    return str(value)
