"""What was collected of a person, and what an erasure came to, as a paper that people read: PDF, laid out by typst.

It is for people in Japan, whatever language staff read: its words stand here as they are printed.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from madoguchi.commerce.documents.paper import fonts, yen

_TEMPLATE = Path(__file__).with_name("disclosure.typ")
Told = Mapping[str, Any]
_AUTHORS = {"customer": "お客様", "staff": "窓口", "system": "自動送信"}
_CHANNELS = {"email": "メール", "form": "フォーム", "phone": "電話", "chat": "チャット", "line": "LINE"}
_KINDS = {
    "email": "メール",
    "phone": "電話番号",
    "line": "LINE",
    "web": "ウェブの訪問者番号",
    "member": "会員番号",
    "address": "お届け先・そのほかの住所",
}
_STATUSES = {
    "new": "新規",
    "open": "対応中",
    "waiting_customer": "お客様のお返事待ち",
    "waiting_third": "他社への確認待ち",
    "solved": "解決",
    "closed": "終了",
}
_PROMISES = {
    "reply": "返信",
    "call_back": "折り返し電話",
    "refund": "返金",
    "shipment": "発送",
    "other": "その他",
}
_ORDERS = {"placed": "受注", "shipped": "発送済み", "delivered": "お届け済み", "cancelled": "取消"}
_DEMANDS = {
    "disclosure": "開示",
    "erasure": "消去",
    "stop": "利用停止",
    "correction": "訂正",
}
_OUTCOMES = {
    "rejected": "お受けできず",
    "short": "すぐに切断",
    "abandoned": "お待ちの間に切断",
    "informed": "案内のみ",
    "call_back": "折り返し希望",
    "message": "伝言あり",
    "broken": "途中で切断",
}


def as_pdf(said: Told) -> bytes:
    """The paper of what was said here."""
    import typst

    made = typst.compile(
        _TEMPLATE,
        sys_inputs={"document": json.dumps(said, ensure_ascii=False)},
        font_paths=fonts(),
        ignore_system_fonts=True,
        timestamp=0,
    )
    assert isinstance(made, bytes)
    return made


def disclosure(told: Told) -> dict[str, Any]:
    """The words of the paper about what was collected (`collecting.py`)."""
    sections = (
        ("ご登録の情報", list(_about(told))),
        ("お問い合わせ", [_case(one) for one in told["cases"]]),
        ("お電話", [_call(one) for one in told["calls"]]),
        ("ご注文", [_order(one) for one in told["orders"]]),
        *((title, [_read(one) for one in rows]) for title, rows in told["read"].items()),
        ("開示等のご請求", [_demand(one) for one in told["requests"]]),
    )
    return {
        "title": "保有個人データ開示書",
        "company": told["company"],
        "footer": f"{told['company']} 保有個人データ開示書",
        "opening": [
            f"{told['company']}が保有する、あなたに関する個人データは次のとおりです"
            "(個人情報の保護に関する法律第33条による開示)。",
            f"作成日時:{moment(told['made_at'])}。添付ファイル・録音・帳票は同封のファイルにあり、"
            "同じ内容の機械で読める記録を disclosure.json に収めています。",
            *(
                f"このうち{one['parts']}件は、個人情報の保護に関する法律第33条第2項により開示していません。"
                f"理由:{one['law']}。"
                for one in told["withheld"]
            ),
        ],
        "sections": [
            {"title": title, "parts": parts or [part(facts=[("", "記録はありません。")])]}
            for title, parts in sections
        ],
    }


def part(
    title: str = "", *, facts: list[tuple[str, str]] | None = None, said: list[tuple[str, str]] | None = None
) -> dict[str, Any]:
    """One piece of a section: facts beside their names, and words under what they are."""
    kept = [[name, value] for name, value in facts or [] if value]
    return {"title": title, "facts": kept, "said": [list(one) for one in said or []]}


def moment(written: str | None) -> str:
    """A time as it stands on papers."""
    if not written:
        return ""
    at = datetime.fromisoformat(written)
    return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}"


def _belongs(rows: list[Told]) -> str:
    return "、".join(f"{row['name']} {row['role']}".strip() for row in rows)


def _about(told: Told) -> Iterator[dict[str, Any]]:
    for one in told["customers"]:
        facts = [
            ("お名前", one["name"]),
            ("旧姓・以前の名称", one["former_names"]),
            ("読み", one["kana"]),
            ("ご住所", one["address"]),
            ("ご所属(家族・法人)", _belongs(one["belongs_to"])),
            ("メモ", one.get("memo", "")),
            ("応対のご希望", "、".join(one["wishes"])),
            ("登録日時", moment(one["created_at"])),
            ("利用停止", moment(one["use_stopped_at"])),
        ]
        yield part(f"登録番号 {one['id']}", facts=facts)
    addresses = [(_KINDS.get(one["kind"], one["kind"]), one["written"]) for one in told["addresses"]]
    yield part("連絡先", facts=addresses)


def _case(one: Told) -> dict[str, Any]:
    facts = [
        ("件名", one.get("subject", "")),
        ("窓口", one["desk"]),
        ("経路", _CHANNELS.get(one.get("channel", ""), "")),
        ("状態", _STATUSES.get(one.get("status", ""), "")),
        ("受付日時", moment(one.get("opened_at"))),
        ("分類の札", "、".join(one.get("tags", []))),
        ("記入項目", "、".join(str(value) for value in one.get("filled", {}).values())),
        *(
            (f"お約束({_PROMISES[p['kind']]})", f"{p['words']} {moment(p['due_at'])}まで")
            for p in one["promises"]
        ),
    ]
    said = [*map(_message, one["messages"])]
    said += [(f"社内の記録 {moment(note['at'])}", note["text"]) for note in one["notes"]]
    said += [(f"引き継ぎ {moment(left['at'])}", _joined(left)) for left in one["hand_offs"]]
    return part(f"用件 {one['number']}", facts=facts, said=said)


def _message(one: Told) -> tuple[str, str]:
    who = one["from"].get("name") or one["from"].get("address") or _AUTHORS[one["author"]]
    files = "、".join(file["filename"] for file in one["attachments"])
    head = f"{moment(one['at'])} {_AUTHORS[one['author']]}({who})" if one["from"] else ""
    head = head or f"{moment(one['at'])} {_AUTHORS[one['author']]}"
    return f"{head} 添付:{files}" if files else head, one["text"]


def _joined(left: Told) -> str:
    return " / ".join(left[name] for name in ("reason", "summary", "next_step", "promises") if left[name])


def _call(one: Told) -> dict[str, Any]:
    facts = [
        ("おかけになった番号", one["called"]),
        ("お客様の番号", one["caller"]),
        ("結果", _OUTCOMES.get(one["outcome"], "")),
        ("押されたボタン", one["keys"]),
        *(("録音", f"{sound['file']}({sound['seconds']}秒)") for sound in one["recordings"]),
    ]
    return part(moment(one["offered_at"]), facts=facts)


def _order(one: Told) -> dict[str, Any]:
    lines = [f"{line['name']} × {line['quantity']}({yen(line['unit_price'])})" for line in one["lines"]]
    facts = [
        ("注文日時", moment(one["placed_at"])),
        ("状態", _ORDERS.get(one["state"], "")),
        (
            "お届け先",
            " ".join(filter(None, (one["recipient"], one["postcode"], one["address"], one["phone"]))),
        ),
        ("備考", one["note"]),
        ("金額", yen(one["net"] + one["tax"])),
        *(("品目", line) for line in lines),
        *(("帳票", f"{paper['number']}({paper['file']})") for paper in one["papers"]),
    ]
    return part(one["number"], facts=facts)


def _read(one: Told) -> dict[str, Any]:
    return part(one["called"], facts=[(name, value) for name, value in one["facts"]])


def _demand(one: Told) -> dict[str, Any]:
    facts = [("受付", moment(one["received_at"])), ("内容", one["words"]), ("お断りの理由", one["refusal"])]
    return part(_DEMANDS[one["kind"]], facts=facts)


def certificate(said: Told, digest: str) -> dict[str, Any]:
    """The words of the certificate of an erasure (`actions/erasing.py` says what stands in it)."""
    gone = [(_table(label), f"{count:,}件") for label, count in said["gone"].items()]
    emptied = [(_table(label), f"{count:,}件") for label, count in said["emptied"].items()]
    stays = [(_table(one["table"]), f"{one['rows']:,}件 {one['law']}") for one in said["kept"]]
    about = [
        ("お客様の登録番号", str(said["customer"])),
        ("請求の番号", str(said["request"])),
        ("請求の受付", moment(said["received_at"])),
        ("本人確認", said["checked_by"]),
        ("消去の実行", said["by"]),
        ("消去の完了", moment(said["ended_at"])),
        ("消去したファイル", f"{said['files']:,}件"),
    ]
    nothing = [("", "ありません。")]
    return {
        "title": "消去証明書",
        "company": said["company"],
        "footer": f"SHA-256 {digest}",
        "opening": [
            f"{said['company']}は、次のお客様に関する個人データを消去したことを証明します"
            "(個人情報の保護に関する法律第22条・第35条)。",
            "この証明書に個人データは含まれません。記載内容のSHA-256を、改ざんを検知できる記録簿に残しています。",
        ],
        "sections": [
            {"title": "概要", "parts": [part(facts=about)]},
            {"title": "削除した記録", "parts": [part(facts=gone or nothing)]},
            {"title": "番号と日時だけを残し、内容を消した記録", "parts": [part(facts=emptied or nothing)]},
            {"title": "法令により保存する記録", "parts": [part(facts=stays or nothing)]},
        ],
    }


_APPS = {
    "cases": "用件",
    "customers": "お客様の登録",
    "commerce": "注文・帳票",
    "intake": "届いた原文",
    "delivery": "送信",
    "email": "メール",
    "search": "検索の索引",
    "voice": "通話",
    "webchat": "チャット",
    "promises": "お約束",
    "tasks": "作業",
    "escalations": "確認依頼",
    "complaints": "苦情",
    "shield": "応対の保護",
    "signals": "兆候",
    "reservations": "予約",
    "infra": "変更の控え",
    "following": "通知",
    "macros": "マクロ",
    "batches": "一括処理",
    "imports": "取り込み",
    "rights": "本人の請求",
}


def _table(label: str) -> str:
    app, _dot, name = label.partition(".")
    return f"{_APPS.get(app, app)}({name})"
