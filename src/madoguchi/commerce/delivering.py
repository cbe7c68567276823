"""Where goods go: postcodes and phone numbers in one form, and in which prefecture a place lies."""

import re
import unicodedata

from django.utils.translation import gettext as _

from madoguchi.kernel.errors import Refused
from madoguchi.kernel.identity import dialled

_NAMES = """
    北海道 青森県 岩手県 宮城県 秋田県 山形県 福島県 茨城県 栃木県 群馬県 埼玉県 千葉県
    東京都 神奈川県 新潟県 富山県 石川県 福井県 山梨県 長野県 岐阜県 静岡県 愛知県 三重県
    滋賀県 京都府 大阪府 兵庫県 奈良県 和歌山県 鳥取県 島根県 岡山県 広島県 山口県 徳島県
    香川県 愛媛県 高知県 福岡県 佐賀県 長崎県 熊本県 大分県 宮崎県 鹿児島県 沖縄県
"""
PREFECTURES = tuple(_NAMES.split())
# Of the first two digits of a postcode only those that lie wholly in the places that cost more than others.
_BY_POSTCODE = {**dict.fromkeys(("00", *(f"0{n}" for n in range(4, 10))), "北海道"), "90": "沖縄県"}
_BESIDE_DIGITS = re.compile(r"[\s〒\-‐-―−ー]")


def postcode_of(written: str) -> str:
    """A postcode as it is printed, 604-8005, however it was typed; empty where none was. Raises Refused."""
    if not written.strip():
        return ""
    digits = _BESIDE_DIGITS.sub("", unicodedata.normalize("NFKC", written))
    if not re.fullmatch(r"[0-9]{7}", digits):
        words = _("“%(written)s” is no postcode. Write its seven digits, like 604-8005, or leave it out.")
        raise Refused(words % {"written": written.strip()[:20]}, field="postcode")
    return f"{digits[:3]}-{digits[3:]}"


def phone_of(written: str) -> str:
    """A phone number in E.164, however it was typed; empty where none was. Raises Refused."""
    if not written.strip():
        return ""
    if not (number := dialled(written)):
        words = _(
            "“%(written)s” is no phone number. Write it with its area code (075-000-0000), or with + and the country."
        )
        raise Refused(words % {"written": written.strip()[:30]}, field="phone")
    return number


def prefecture_of(address: str, postcode: str = "") -> str:
    """The prefecture with which an address begins; where it names none, Hokkaido or Okinawa by the postcode."""
    plain = unicodedata.normalize("NFKC", address).strip()
    named = next((name for name in PREFECTURES if plain.startswith(name)), "")
    return named or _BY_POSTCODE.get(postcode[:2], "")
