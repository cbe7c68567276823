"""The letter that tells a customer what became of their demand: words to be sent or printed, in Japanese.

What is to be told, and in which cases with a reason: 個人情報保護法34条3項, 35条7項, 36条.
"""

from collections.abc import Mapping

from madoguchi.rights.models import Request

_NAMES = {"name": "お名前", "kana": "読み", "address": "ご住所"}
_WHAT = {"disclosure": "開示", "erasure": "消去", "stop": "利用停止", "correction": "訂正"}
_DONE = {
    "stop": "ご請求のとおり、お客様の個人データの利用を停止しました。ご案内や書き出す一覧には今後使用いたしません。"
    "検索では、お客様の登録と、解決または終了したご用件を対象から外しました。現在承っているご用件は引き続き検索できます。"
    "法令により保存が必要な記録と、現在承っているご用件の対応に必要な範囲は、引き続き保管いたします。",
    "correction": "ご請求のとおり、お客様の個人データを次のように訂正しました。",
}


def letter_of(request: Request) -> str:
    """The letter about a stop or a correction that was done, or about any demand that was refused; else empty."""
    what = _WHAT[request.kind]
    if request.state == Request.State.REFUSED:
        body = f"ご請求について検討しましたが、次の理由により{what}を行わないことといたしました。\n\n{request.refusal}"
    elif request.state == Request.State.DONE and request.kind in _DONE:
        body = _DONE[request.kind] + _corrected(request.wanted)
    else:
        return ""
    day = request.received_at_day
    name = f"{request.customer.name} 様\n\n" if request.customer.name else ""
    asked = f"{day.year}年{day.month}月{day.day}日にいただいた個人データの{what}のご請求について、お知らせいたします。"
    return f"{name}{asked}\n\n{body}\n\n{request.company.name}\n"


def _corrected(wanted: Mapping[str, list[str]]) -> str:
    lines = [f"{_NAMES[name]}:{after}" for name, (_before, after) in wanted.items() if name in _NAMES]
    return "\n\n" + "\n".join(lines) if lines else ""
