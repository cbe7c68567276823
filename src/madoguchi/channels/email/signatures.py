"""Where the signature of a mail begins: after a delimiter, in a frame, or as what a device or scanner adds.

What could be the writer's own list, order or address is left alone.
"""

import re
from collections.abc import Iterator
from typing import Final

_DEVICE: Final = re.compile(
    r"(?:Sent (?:from|via|with|using) (?:\w{2,20}(?: \w{2,20}){0,3} ?[<(]?https?://"
    r"|my |Mail for |Yahoo|Outlook|AOL|Samsung|Proton|Gmail|Spark|Windows|a "
    r"|the |iCloud|Mailbird|Front|Zoho)"
    r"|(?:Get |Download )?Outlook (?:for|para|für|pour|per|voor|för) (?:iOS|Android|Mac|Windows)"
    r"|(?:私の|マイ)?(?:iPhone|iPad|Android|Galaxy|Xperia|AQUOS|Pixel|arrows|スマートフォン"
    r"|スマホ|携帯|ケータイ|モバイル)[^。]{0,20}(?:から|より|で)送信"
    r"|[A-Za-z][\w .™®+/-]{1,30}\s?(?:から|より)送信$"
    r"|(?:iOS|Android|iPhone|Mac)\s?(?:版|用|向け)?\s?(?:の)?\s?Outlook.{0,20}(?:を入手|から送信|をダウンロード)"
    r"|Outlook (?:for|の).{0,20}(?:を入手|から送信)|Windows\s?(?:10|11)?\s?(?:版|用)の?\s?メール.{0,20}送信"
    r"|(?:Yahoo[!！]?メール|Gmail|(?:ドコモ|au|ソフトバンク)の?メール|Spark|Thunderbird).{0,20}(?:から|で|より)送信"
    r"|(?:Von meinem|Gesendet (?:von|mit)|Diese Nachricht wurde von meinem) .{0,40}(?:gesendet"
    r"|iPhone|iPad|Android|Samsung|Handy|Mail|Outlook|gerät)"
    r"|Envoyé (?:de(?:puis)?|à partir de|avec) (?:mon |l['’]|ma |Yahoo|Outlook"
    r"|une? |la messagerie)|Obtenir Outlook|Télécharger Outlook"
    r"|Enviado (?:desde|do|de|a partir) (?:mi |meu |Yahoo|Outlook|un |um |el "
    r"|o )|Obtener Outlook|Obter o Outlook"
    r"|Inviato (?:da|dal|con) (?:iPhone|iPad|Yahoo|Outlook|Android|mio|un |dispositivo"
    r"|Libero|TIM)|Ottieni Outlook"
    r"|Verstuurd (?:vanaf|via|met) |Verzonden (?:vanaf|via|met) (?:mijn |Outlook"
    r"|Samsung|een)|Outlook downloaden"
    r"|Skickat från (?:min|Outlook|Yahoo)|Sendt fra (?:min|Outlook|Yahoo)|Lähetetty "
    r"|Wysłan[eo] z |Отправлено (?:с|из) |Odesláno z "
    r"|(?:发自|從我的|从我的|來自|来自)\s?(?:我的)?.{0,20}(?:iPhone|iPad|手机|手機|Android|安卓|邮箱"
    r"|傳送|发送|华为|小米)?|나의 iPhone에서 보냄|iPhone에서 보냄)"
    r"[^。]{0,80}$",
    re.IGNORECASE,
)
_EXCUSE: Final = re.compile(
    r"iPhone|iPad|Android|typo|brevity|excuse|https?://|virus|viren|avast", re.IGNORECASE
)
_MOST_DEVICE_SPACES: Final = 8
_SCANNED: Final = re.compile(
    r"(?:This e-?mail has been (?:checked|scanned)|Virus-free\b|Virenfrei|Scanned by"
    r"|.{0,6}この(?:電子|E)?メールは.{0,40}(?:ウイルス|ウィルス).{0,30}(?:スキャン|チェック|検査|ありません)"
    r"|Este (?:correo|e-mail).{0,40}(?:virus|avast)|Diese E-Mail wurde von .{0,40}(?:Viren"
    r"|Avast)).{0,160}$",
    re.IGNORECASE,
)
_CONFIDENTIAL: Final = re.compile(
    r"(?:\W{0,8}(?:CONFIDENTIALITY NOTICE|DISCLAIMER|免責事項)\b"
    r"|(?:This|The (?:information|contents?)(?: contained)? (?:in|of) this) (?:e-?mail"
    r"|message|communication|transmission).{0,200}(?:confidential|privileged"
    r"|intended)"
    r"|.{0,20}本(?:電子)?メール(?:および|及び|、|に|は|の).{0,80}(?:機密|秘密|守秘|名宛|宛先の方|受信者|意図され|誤って)"
    r"|Diese E-Mail .{0,80}vertraulich|Ce (?:message|courriel).{0,120}confidentiel)",
    re.IGNORECASE | re.DOTALL,
)
_WARNS: Final = (
    *("this ", "confidentiality", "disclaimer", "diese e-mail", "ce message", "ce courriel"),
    *("免責事項", "本メール", "本電子メール"),
)
_LIST_FOOTER: Final = ("mailing list", "unsubscribe", "メーリングリスト", "配信停止", "退会")
_LIST_RULER: Final = re.compile(r"[_\-=]{2,}\s?$")
_DELIMITER: Final = re.compile(r"(?:--|—|――|──)\s?$")
_RULER: Final = re.compile(
    r"\s*+(?:[^\w\s.。、,，!！?？:：>＞()（）「」\"'“”|｜]\s?|[_ー一ｰ〇o]\s?(?=(?:[_ー一ｰ〇o]\s?){3})"
    r"|[_彡]){4,}+\s*$|\s*[:.：。・･]{10,}\s*$"
)
_TITLED_RULER: Final = re.compile(
    r"\s*[^\w\s.。、!！?？>＞()（）「」]{3,}\s?[^\W_].{0,60}?[^\w\s.。、!！?？>＞()（）「」]{3,}\s*$"
)
_CONTACT: Final = (
    ("post", ("〒",)),
    ("phone", ("tel", "fax", "phone", "mobile", "電話", "携帯", "☎", "℡", "直通", "内線")),
    ("mail", ("@", "e-mail", "email", "メール:", "メール：")),
    ("web", ("://", "www.", "url")),
    (
        "firm",
        (
            "株式会社",
            "有限会社",
            "合同会社",
            "（株）",
            "(株)",
            "㈱",
            "㈲",
            "一般社団",
            "財団法人",
            "協同組合",
            "大学",
            "病院",
            " inc",
            " ltd",
            " llc",
            " corp",
            "gmbh",
        ),
    ),
)
_NUMBER: Final = re.compile(r"\d{2,4}[-(（]\d{2,4}[-)）]\d{3,4}|\+\d{1,3}[ .(-]\d")
# These are asked of small letters.
_COUNTED: Final = re.compile(r"\d[^\S\n]?(?:[個枚本円台着点箱冊足袋缶]|セット|パック|ケース|pcs|pieces)")
_PRICED: Final = re.compile(r"[¥￥$€£×x✕](?<![a-z][×x✕])[^\S\n]?\d")
_GOODS: Final = (
    *(
        "注文",
        "商品",
        "品番",
        "型番",
        "数量",
        "届け先",
        "届先",
        "配送先",
        "送付先",
        "納品",
        "小計",
        "合計",
        "送料",
        "税込",
    ),
    *("order", "item", "qty", "quantity"),
)
_OWN_DETAILS: Final = re.compile(
    r"[:：]\s*$|以下|下記|次の|住所|届け?先|送り先|送付先|電話番号|連絡先"
    r"|振込|口座|\baddress\b|\bfollowing\b|\bbelow\b|phone number",
    re.IGNORECASE,
)
_SENTENCE_ENDS: Final = (
    *("。", "！", "？", "!", "?", "です", "ます", "ません", "ました", "でしょうか", "ください", "下さい"),
)
_BEHIND_A_SENTENCE: Final = " \t\r\xa0\u3000)）」…w笑"
_RULED: Final = "-=_*+#~─━＝－"
_CLOSING: Final = re.compile(
    r"よろしく|宜しく|以上|敬具|草々|失礼(?:いた|致)?します|ありがとうございま|お願い(?:いた|致|申)|regards|sincerely"
    r"|cheers|thanks|thank you|grüße|cordialement|saludos",
    re.IGNORECASE,
)
_LONGEST: Final = 14
_LONGEST_AFTER_DELIMITER: Final = 40
_FARTHEST: Final = _LONGEST_AFTER_DELIMITER + 2
_MOST_NAMES: Final = 5
_MOST: Final = 4
_WIDEST: Final = 60


def signature_start(lines: list[str], start: int, end: int) -> int:
    """Where the signatures begin that end the lines from `start` to `end`; `end` when there is none."""
    for _ in range(_MOST):
        last = _trimmed(lines, start, end)
        above = _one(lines, start, last)
        if above == last:
            break
        end = above
    return end


def only_signs(text: str) -> bool:
    """Whether a text is a signature and nothing else, as where a phone signs a mail without words."""
    lines = text.split("\n")
    return bool(text.strip()) and _trimmed(lines, 0, signature_start(lines, 0, len(lines))) == 0


def may_sign(new: str) -> str:
    """The last block of somebody's words, if it signs them as soon as others of theirs end alike; else empty.

    Who orders the same each month ends alike as well: what speaks of goods, or in sentences, is no signature.
    """
    lines = new.rstrip().split("\n")
    start = len(lines)
    while start and lines[start - 1].strip() and len(lines) - start <= _LONGEST:
        start -= 1
    block = lines[start:]
    if not 2 <= len(block) <= _LONGEST or _trimmed(lines, 0, start) in (0, start):
        return ""
    unlike = any(_is_sentence(line) or len(line) > _WIDEST for line in block)
    return "" if unlike or not _is_own(lines, 0, start - 1, len(lines)) else "\n".join(block)


def _trimmed(lines: list[str], start: int, end: int) -> int:
    while end > start and not lines[end - 1].strip():
        end -= 1
    return end


def _one(lines: list[str], start: int, end: int) -> int:
    """Where the last signature alone begins; each way of signing says `end` when it does not find its own."""
    if end == start:
        return end
    if (above := _device(lines, start, end)) < end:
        return above
    # The lines that may be drawn, the last first, are looked for once for all that begins with such a line.
    if drawn := [i for i in range(end - 1, max(start, end - _FARTHEST) - 1, -1) if _is_drawn(lines[i])]:
        for way in _BELOW_A_DRAWN_LINE:
            if (above := way(lines, start, end, drawn)) < end:
                return above
    above = _confidential(lines, start, end)
    return above if above < end else _after_closing(lines, start, end)


def _device(lines: list[str], start: int, end: int) -> int:
    """One line that a device, program or scanner adds."""
    line = lines[end - 1].strip(" \t\u3000[]()（）<>*_")
    if len(line) > 200 or not (_DEVICE.match(line) or _SCANNED.match(line)):
        return end
    return end if line.count(" ") > _MOST_DEVICE_SPACES and not _EXCUSE.search(line) else end - 1


def _delimited(lines: list[str], start: int, end: int, drawn: list[int]) -> int:
    """After "-- ", which is the standard; after a bare "--" only what looks like a card."""
    for index in drawn:
        if lines[index] == "-- ":
            return index
        if end - index <= _LONGEST and _DELIMITER.fullmatch(lines[index]):
            return index if _is_own(lines, start, index, end) else end
    return end


def _framed(lines: list[str], start: int, end: int, drawn: list[int]) -> int:
    """A card with contact data below a ruler, mostly with another one at its foot."""
    closed = is_ruler(lines[end - 1])
    best = end
    for index in _among(drawn, end, _LONGEST):
        if _may_open(lines[index]) and _is_card(lines, start, index, end, closed=closed):
            best = index
    return best


def _among(drawn: list[int], end: int, most: int) -> Iterator[int]:
    """The drawn lines with at least one line below them and no more than `most`, the last first."""
    return (index for index in drawn if end - 2 - most < index < end - 1)


def _may_open(line: str) -> bool:
    return _is_ruled(line) or _TITLED_RULER.match(line) is not None


def _is_card(lines: list[str], start: int, index: int, end: int, *, closed: bool) -> bool:
    evidence = contact_kinds("\n".join(lines[index:end]))
    if len(evidence) < (1 if closed else 2):
        return False
    sentences = sum(_is_sentence(line) for line in lines[index + 1 : end])
    return sentences <= closed and _is_own(lines, start, index, end)


def _is_own(lines: list[str], start: int, index: int, end: int) -> bool:
    """Whether the lines are no part of the message: no goods in them, nothing above that announces them."""
    above = _trimmed(lines, start, index)
    announced = above > start and _OWN_DETAILS.search(lines[above - 1])
    return not announced and not _speaks_of_goods(lines[index + 1 : end])


def _speaks_of_goods(lines: list[str]) -> bool:
    words = "\n".join(lines).lower()
    return bool(any(word in words for word in _GOODS) or _COUNTED.search(words) or _PRICED.search(words))


def _after_closing(lines: list[str], start: int, end: int) -> int:
    """A firm's card without any frame, after the closing words of a message that speaks of no address itself."""
    index = end
    while index > start and end - index <= _LONGEST and lines[index - 1].strip():
        index -= 1
    above = _trimmed(lines, start, index)
    if above == start or end - index < 2 or not _CLOSING.search(lines[above - 1]):
        return end
    block = lines[index:end]
    kinds = contact_kinds("\n".join(block))
    if (
        "firm" not in kinds
        or len(kinds) < 3
        or _speaks_of_goods(block)
        or any(_is_sentence(line) for line in block)
    ):
        return end
    return end if any(_OWN_DETAILS.search(line) for line in lines[max(start, above - 30) : above]) else index


def _named(lines: list[str], start: int, end: int, drawn: list[int]) -> int:
    """A name or two below a ruler that stands under the closing words."""
    for index in _among(drawn, end, _MOST_NAMES):
        if index > start and _is_ruled(lines[index]):
            above = _trimmed(lines, start, index)
            signs = above > start and _CLOSING.search(lines[above - 1]) and _is_own(lines, start, index, end)
            return index if signs and all(_is_name(line) for line in lines[index + 1 : end]) else end
    return end


def _is_name(line: str) -> bool:
    return len(line) <= 40 and not _is_sentence(line) and not re.search(r"\d", line)


def _confidential(lines: list[str], start: int, end: int) -> int:
    """The paragraph with which firms warn whoever was not meant."""
    index = end
    while index > start and end - index <= _LONGEST and lines[index - 1].strip():
        index -= 1
    head = "\n".join(lines[index:end])[:400]
    may_warn = any(sign in head.lower() for sign in _WARNS)
    return index if may_warn and _CONFIDENTIAL.match(head) else end


def _list_footer(lines: list[str], start: int, end: int, drawn: list[int]) -> int:
    """What a mailing list adds below a line of its own."""
    for index in _among(drawn, end, _LONGEST):
        if _LIST_RULER.match(lines[index]):
            footer = "\n".join(lines[index + 1 : end]).lower()
            return index if any(sign in footer for sign in _LIST_FOOTER) else end
    return end


def is_ruler(line: str) -> bool:
    """Whether a line is drawn, not written."""
    return _is_drawn(line) and _is_ruled(line)


def _is_ruled(line: str) -> bool:
    words = line.strip()
    all_one = len(words) >= 4 and words[0] in _RULED and words == words[0] * len(words)
    return all_one or _RULER.match(line) is not None


def _is_sentence(line: str) -> bool:
    return line.rstrip(_BEHIND_A_SENTENCE).endswith(_SENTENCE_ENDS)


def _is_drawn(line: str) -> bool:
    first = line.lstrip()[:1]
    return bool(first) and len(line) <= 200 and (not first.isalnum() or first in "ー一ｰ〇o")


def contact_kinds(text: str) -> set[str]:
    """Which kinds of contact data a text holds: post, phone, mail, web, firm."""
    words = text[:4000].lower()
    kinds = {kind for kind, signs in _CONTACT if any(sign in words for sign in signs)}
    return kinds | {"phone"} if "phone" not in kinds and _NUMBER.search(words) else kinds


_BELOW_A_DRAWN_LINE: Final = (_list_footer, _delimited, _framed, _named)
