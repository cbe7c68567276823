"""What leaves by a page or an answer to a script is blotted wherever it stands, and nothing else of it is touched."""

import json
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.kernel.blotting import blotter
from madoguchi.project.blotting import blotted_json, blotted_page

MISAKI = blotter({"name": ["髙橋 美咲"]}, unseen={"name"}, loosely=False)
KENTA = blotter({"name": ["O'Neil 健太"], "member": ["A&B-77"]}, unseen={"name", "member"}, loosely=False)
BOTH = [MISAKI, KENTA]


@pytest.mark.parametrize(
    ("page", "left"),
    [
        ("<p>髙橋 美咲 様</p>", "<p>•• •• 様</p>"),
        ("<p>高橋<mark>美咲</mark>様</p>", "<p>••<mark>••</mark>様</p>"),
        ("<td>高橋</td><td>美咲</td>", "<td>高橋</td><td>美咲</td>"),
        ('<a title="髙橋 美咲" href="/高橋美咲">開く</a>', '<a title="•• ••" href="/高橋美咲">開く</a>'),
        ('<b data-reading="高橋美咲">高橋</b>', '<b data-reading="••••">高橋</b>'),
        ("<textarea>髙橋 美咲</textarea>", "<textarea>髙橋 美咲</textarea>"),
        (
            '<script type="application/json">"髙橋 美咲"</script>',
            '<script type="application/json">"髙橋 美咲"</script>',
        ),
        ("<p>A&amp;B-77 &amp; O&#39;Neil健太</p>", "<p>•••••• &amp; ••••••••</p>"),
        ('<i title="A&amp;B-77 &amp; &quot;x&quot;"></i>', '<i title="•••••• &amp; &quot;x&quot;"></i>'),
        ("髙橋 美咲", "•• ••"),
        ("", ""),
    ],
)
def test_words_and_what_tags_show(page: str, left: str) -> None:
    assert blotted_page(page, BOTH) == left


@given(
    st.lists(
        st.sampled_from(
            [
                "髙橋 美咲",
                "高橋",
                "<p>",
                "</p>",
                "<mark>",
                "</mark>",
                '<a title="高橋美咲">',
                "</a>",
                "&amp;",
                "様",
                "<br>",
            ]
        ),
        max_size=14,
    )
)
def test_a_page_without_a_name_is_the_same_page_and_tags_stay_where_they_were(pieces: list[str]) -> None:
    page = "".join(pieces)

    left = blotted_page(page, BOTH)

    assert len(unescape(left)) == len(unescape(page))
    assert [left[at] for at, one in enumerate(page) if one in "<>"] == [one for one in page if one in "<>"]
    assert "髙橋 美咲" not in left
    if "美咲" not in page:
        assert left == page


def test_an_answer_to_a_script_keeps_its_shape_and_its_addresses() -> None:
    answer = {
        "who": "髙橋 美咲",
        "url": "/people/7/?of=高橋美咲",
        "deep": [{"said": "高橋美咲です"}, 7, None, True],
    }

    left = json.loads(blotted_json(json.dumps(answer), BOTH))

    assert left == {
        "who": "•• ••",
        "url": "/people/7/?of=%E2%80%A2%E2%80%A2%E2%80%A2%E2%80%A2",
        "deep": [{"said": "••••です"}, 7, None, True],
    }
