"""Where something is to go, read from what somebody writes in words of their own. Nothing of it is lost unsaid: what
stands there and was not read is told, and so is what has to be checked. Pure.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

_MOST_READ, _MOST_LINES, _MOST_UNREAD, _SHORT_NAME = 4_000, 8, 3, 3
_POSTCODE = re.compile(r"(?:〒|郵便番号[::]?)?\s*(?<!\d)(\d{3})-?(\d{4})(?![\d-])\s*")
_LABEL = re.compile(r"^[\s・\-*■●◆]*(?:ご?住所|お?届け先(?:ご?住所)?|送り先|配送先|発送先)[::は\s]*")
_REGION = re.compile(r"(?:北海道|東京都|(?:大阪|京都)府|[一-龥]{2,3}県)[^\s,、。]")
_TAIL = re.compile(
    r"(?:です|になります|まで|でお願い(?:いた)?します|\s*(?:宛て?に|へ|に|まで)\s*(?:お?送|お?届|発送|配送)[^\n]*)?[。.]?$"
)
_NAME = re.compile(
    r"^[\s・\-*■●◆]*(?:お名前|氏名|宛名|受取人|お届け先(?:の?お名前|氏名))[::は\s]+(.+?)(?:様|さん)?\s*$",
    re.M,
)
_DASHES = re.compile(r"(?<=\d)[‐‑–—−ー](?=\d)")
_NUMBER = (
    r"(?:0\d{1,4}-\d{1,4}-\d{3,4}|0\d{1,4} \d{1,4} \d{4}|\(0\d{1,4}\) ?\d{1,4}-?\d{4}"
    r"|0\d{1,4}\(\d{1,4}\) ?\d{3,4}|0[5789]0\d{8}|0[1-9]\d{8})"
)
_PHONE = re.compile(rf"(?<![\d-])({_NUMBER})(?![\d-])")
_CALLED = r"(?:お?電話(?:番号)?|携帯(?:電話)?(?:番号)?|ご?連絡先|(?<![A-Za-z])(?:TEL|Tel|tel)|☎)"
_CALLED_PHONE = re.compile(rf"{_CALLED}\s*[.:は]?\s*({_NUMBER})(?![\d-])")
# In a line of an address a number is a phone's where a word says so or a gap stands before it.
_PHONE_WITHIN = re.compile(
    rf"[\s、,/・(]*(?:{_CALLED}\s*[.:は]?\s*{_NUMBER}|(?:^|(?<=[\s、,/・(])){_CALLED}\s*[.:]?(?=\s|$)"
    rf"|(?:^|(?<=[\s、,/:])){_NUMBER})(?![\d-])"
)
_OTHER_NUMBER = re.compile(
    r"(?:注文|会員|伝票|受付|追跡|管理|問い?合わ?せ)番号|FAX|ファックス|ファクス", re.IGNORECASE
)
_NAME_WITHIN = re.compile(r"[\s、,/]+(?:お名前|氏名|宛名|受取人)[:は\s]+(.+?)(?:様|さん)?\s*$")
_TITLE = re.compile(r"\s*様(?![方邸式々子])\s*")
_AFTER_DIGIT = re.compile(r"^(.*\d(?:号室|号|室|階|F|番地|番|丁目)*)[\s、,]*(\D*)$")
_HOUSE = re.compile(
    r"ハイツ|マンション|ビル|コーポ|アパート|タワー|メゾン|レジデンス|ハウス|パレス|コート|ヒルズ|プラザ|ガーデン|団地|号室"
    r"|ハイム|シャトー|パーク|テラス|ヴィラ|ビラ|ホーム|センター|会社|営業所|支店|本店|病院|学校|大学|様方|気付"
    r"|(?:荘|館|棟|寮|階)(?=[\s\d]|$)|\d+(?:号|階|F)|丁目|番地"
)
_HOUSE_LABEL = re.compile(r"^(?:建物名?|マンション名?|部屋番号|番地)(?:・[^\s:]{1,8})?[:\s]+")
_ROOM = re.compile(r"(?:\D{3}|^)[A-Za-z]?-?\d{3,4}(?:号室?|室)?$")
# What is no part of where it goes: another line of a form, an order line, a sentence, a mail address.
_ELSEWHERE = re.compile(
    r"^[^\s:]{1,12}:|[x×✕*]\s*\d|\d\s*(?:個|袋|枚|点|本|セット)|[を。!?@]|ます|です|ください|下さい|お願い|でした"
    r"|^(?:以上|敬具|早々|草々)|よろしく|宜しく|ありがとう|^-{2}|^[=_*ー─━]{2}"
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where it is to go, as it was written; empty what was not. `unread` are lines behind the address that were not
    understood; `unsure` says that the address may hold a name, which nothing tells apart.
    """

    recipient: str = ""
    postcode: str = ""
    address: str = ""
    phone: str = ""
    unread: tuple[str, ...] = ()
    unsure: bool = False


def place_mentioned(text: str) -> Place:
    """Where a text says that goods are to go: what stands from a postcode or a prefecture on, as far as it is an
    address, what is called the name, and a phone number.
    """
    plain = _DASHES.sub("-", unicodedata.normalize("NFKC", text[:_MOST_READ]))
    lines = [line.strip() for line in plain.splitlines()]
    found = next((place for n in range(len(lines)) if (place := _place(lines[n : n + _MOST_LINES]))), None)
    if found is None:
        return Place()
    name = _NAME.search(plain)
    return replace(found, recipient=name[1].strip() if name else found.recipient, phone=_phone(lines))


def _place(lines: Sequence[str]) -> Place | None:
    """A postcode and the address behind it or on the next line, or an address that begins with a prefecture."""
    bare = _LABEL.sub("", lines[0])
    code = _POSTCODE.match(bare)
    if code and not _PHONE.match(bare):
        begins = bare[code.end() :]
        first, after = (begins, lines[1:]) if begins else (_LABEL.sub("", "".join(lines[1:2])), lines[2:])
        return _read_on(f"{code[1]}-{code[2]}", first, after) if first else None
    region = _REGION.search(bare)
    return _read_on("", bare[region.start() :], lines[1:]) if region and region.start() <= 1 else None


def _read_on(postcode: str, first: str, after: Sequence[str]) -> Place:
    """The address from its first line to where a name, a phone, a sentence or an empty line ends it."""
    address, recipient, left = _parted(first)
    unread, ends = [left], _ends(first)
    for line in () if ends else after:
        if not line or (_ELSEWHERE.search(_HOUSE_LABEL.sub("", line)) and not _PHONE_WITHIN.search(line)):
            break
        part, name, left = _parted(_HOUSE_LABEL.sub("", line))
        if _goes_on(part, address) and not recipient and not any(unread):
            address = f"{address} {part}" if re.search(r"\d", address) else address + part
        else:
            unread.append(part)
        recipient = recipient or name
        unread.append(left)
        if _PHONE_WITHIN.search(line):
            break
    told = tuple(one for one in unread if one)[:_MOST_UNREAD]
    return Place(recipient, postcode, address, unread=told, unsure=_may_hold_name(address))


def _ends(first: str) -> bool:
    """Whether a sentence ends with the line, or a phone number does."""
    return bool(_PHONE_WITHIN.search(first) or _TAIL.sub("", first) != first)


def _goes_on(part: str, address: str) -> bool:
    """Whether a line is more of the address: a house, a room, or the numbers that it lacks so far."""
    numbered = bool(re.search(r"\d", part)) and not re.search(r"\d", address)
    return bool(part) and bool(numbered or _HOUSE.search(part) or _ROOM.search(part))


def _parted(line: str) -> tuple[str, str, str]:
    """A line without a name and a phone number in it, that name, and what stands behind them."""
    phone = _PHONE_WITHIN.search(line)
    left = _TAIL.sub("", line[phone.end() :].strip(" 、,。)/")) if phone else ""
    rest = line[: phone.start()] if phone else line
    if called := _NAME_WITHIN.search(rest):
        return rest[: called.start()], called[1].strip(), left
    if title := _TITLE.search(rest):
        address, name = _without_name(rest[: title.start()])
        behind = _TAIL.sub("", re.sub("^宛て?に?", "", rest[title.end() :]))
        return address, name, f"{behind} {left}".strip()
    return _TAIL.sub("", rest).strip(), "", left


def _without_name(written: str) -> tuple[str, str]:
    """What stands before 様, parted into what goes before the name and the name: its last word, and the one before that
    where both are as short as a family name and a given name.
    """
    if (joined := _AFTER_DIGIT.match(written)) and joined[2] and not re.search(r"\s", joined[2]):
        return joined[1].strip(), joined[2]
    words = written.split()
    name = [words.pop()] if words else []
    if (
        words
        and len(name[0]) <= _SHORT_NAME
        and re.fullmatch(r"\D{1,4}", words[-1])
        and not _HOUSE.search(words[-1])
    ):
        name.insert(0, words.pop())
    return " ".join(words), " ".join(name)


def _may_hold_name(address: str) -> bool:
    """Whether words stand behind its last number that are no house."""
    behind = _AFTER_DIGIT.match(address)
    return bool(behind and len(behind[2].strip()) > 1 and not _HOUSE.search(behind[2]))


def _phone(lines: Sequence[str]) -> str:
    """The first that is called one, else the first that is called nothing else."""
    called = next((found[1] for line in lines if (found := _CALLED_PHONE.search(line))), "")
    rest = (found[1] for line in lines if (found := _PHONE.search(line)) and not _OTHER_NUMBER.search(line))
    return called or next(rest, "")
