"""Thanks by name are told from the politeness of letters."""

import pytest

from madoguchi.following.thanks import thanked_in

STAFF = {1: "佐々木 遥", 2: "森 美咲", 3: "林 直樹"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("佐々木さんの丁寧なご対応に感謝いたします。", {1}),
        ("先日は助かりました。佐々木様に親切に教えていただき、ありがとうございました。", {1}),
        ("森さんのおかげで無事に届きました。森さんの説明がとても分かりやすく、嬉しかったです！", {2}),
        ("佐々木さんと、森さんの親身な対応に感謝します", {2}),
        ("佐々木遥さんの応対が気持ちよかったです。", {1}),
        # A letter that is polite, and thanks for nothing.
        ("佐々木様\nお世話になっております。ご連絡ありがとうございます。", set()),
        ("佐々木様、ご対応ありがとうございます。", set()),
        ("ご丁寧な対応をありがとうございました。", set()),
        # Wished, missed, of somebody else.
        ("佐々木さんの対応には感謝できません。", set()),
        ("佐々木さんに丁寧に説明していただければ助かります。", set()),
        ("小林さんの対応に感謝します。", set()),
        ("若森さんの対応に感謝します。", set()),
        ("", set()),
    ],
)
def test_who_is_thanked_for_what_they_did(text: str, expected: set[int]) -> None:
    assert thanked_in(text, STAFF) == expected


def test_somebody_without_a_name_is_thanked_by_nobody() -> None:
    assert thanked_in("さんの対応に感謝します。", {1: " "}) == set()
