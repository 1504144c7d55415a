import pytest

from bot.sandbox.telegram.refusals import Refused
from bot.sandbox.telegram.text import count_units, read_text


@pytest.mark.parametrize(
    ("html", "plain", "entities"),
    [
        ("plain", "plain", []),
        ("a &lt; b &amp; c &quot;&gt;", 'a < b & c ">', []),
        ("&#128136; &#x1F488; &nbsp; & &euro;", "💈 💈 &nbsp; & &euro;", []),
        ("<b>Hi</b>", "Hi", [{"type": "bold", "offset": 0, "length": 2}]),
        ("💈<i>x</i>", "💈x", [{"type": "italic", "offset": 2, "length": 1}]),
        (
            "<b>a<i>b</i></b>",
            "ab",
            [{"type": "bold", "offset": 0, "length": 2}, {"type": "italic", "offset": 1, "length": 1}],
        ),
        (
            '<a href="https://x.org/?a=1&amp;b=2">L</a>',
            "L",
            [{"type": "text_link", "offset": 0, "length": 1, "url": "https://x.org/?a=1&b=2"}],
        ),
        ("<a>no link</a>", "no link", []),
        ('<span class="tg-spoiler">s</span>', "s", [{"type": "spoiler", "offset": 0, "length": 1}]),
        ("<blockquote expandable>q</blockquote>", "q", [{"type": "expandable_blockquote", "offset": 0, "length": 1}]),
        (
            '<tg-time unix="1795181825" format="r">soon</tg-time>',
            "soon",
            [{"type": "date_time", "offset": 0, "length": 4, "unix_time": 1795181825, "date_time_format": "r"}],
        ),
        ("<b></b>x", "x", []),
        ("<B>loud</b >", "loud", [{"type": "bold", "offset": 0, "length": 4}]),
        ("  <b> x </b> ", "x", [{"type": "bold", "offset": 0, "length": 1}]),
    ],
)
def test_html_becomes_plain_text_and_entities(html: str, plain: str, entities: list[dict[str, object]]) -> None:
    assert read_text(html, "HTML", None) == (plain, entities)


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ("é<b>open", 'Can\'t find end tag corresponding to start tag "b" at byte offset 2'),
        ("<div>x</div>", 'Unsupported start tag "div" at byte offset 0'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("1 < 2", "Unclosed start tag at byte offset 2"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ('<tg-time unix="soon">x</tg-time>', "Invalid date-time entity specified"),
    ],
)
def test_broken_html_is_refused_with_its_place(html: str, reason: str) -> None:
    with pytest.raises(Refused) as caught:
        read_text(html, "html", None)
    assert caught.value.description == f"Bad Request: can't parse entities: {reason}"


def test_markup_that_is_not_html_is_refused() -> None:
    with pytest.raises(Refused, match="unsupported parse_mode"):
        read_text("*x*", "MarkdownV2", None)


def test_without_parse_mode_tags_are_text() -> None:
    assert read_text("<b>", "", None) == ("<b>", [])


def test_entities_beyond_the_hundredth_are_ignored() -> None:
    assert len(read_text("<b>x</b>y" * 101, "HTML", None)[1]) == 100


def test_an_emoji_counts_two_units() -> None:
    assert [count_units(text) for text in ("a", "é", "💈", "👩‍🦰")] == [1, 1, 2, 5]
