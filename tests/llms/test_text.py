"""Tokens become text: characters are never split, and a stop string ends the text wherever it begins."""

from hypothesis import given, settings
from hypothesis import strategies as st

from logitlab.llms.smol.text import Text

# Few letters, so that stop strings come, and overlap.
letters = st.text("ab", max_size=12) | st.text("aé😀", max_size=12)
stops = st.lists(st.text("ab", min_size=1, max_size=4) | st.text("aé😀", min_size=1, max_size=3), max_size=3)


def cut(text, stops):
    """Read character by character until the text ends with a stop string; of several the longest counts."""
    for end in range(1, len(text) + 1):
        ended = [stop for stop in stops if text[:end].endswith(stop)]
        if ended:
            return text[: end - len(max(ended, key=len))], True
    return text, False


@settings(max_examples=1000, deadline=None)
@given(letters, stops, st.data())
def test_the_text_does_not_depend_on_where_tokens_end(text, stops, data):
    expected, stopped = cut(text, stops)
    left, built, out = text.encode(), Text(stops), ""
    while left:
        length = data.draw(st.integers(1, len(left)))
        piece, left = left[:length], left[length:]
        out += built.add(piece)
        assert expected.startswith(out)  # what is out cannot be taken back
    out += built.flush()
    assert (out, built.stopped) == (expected, stopped)


def test_nothing_is_held_back_without_a_reason():
    built = Text(["ENDING", "xy"])
    assert built.add(b"THE END") == "THE "
    assert built.add(b" x") == "END "
    assert built.add(b"z") == "xz"
    assert built.flush() == ""


@given(st.binary(max_size=20), st.integers(0, 20))
def test_bytes_that_are_no_text_become_replacement_characters(data, middle):
    built = Text()
    assert built.add(data[:middle]) + built.add(data[middle:]) + built.flush() == data.decode(
        errors="replace"
    )


def test_half_a_character_at_the_end():
    built = Text()
    assert built.add("é".encode()[:1]) == ""
    assert built.flush() == "\ufffd"
    assert built.flush() == ""
