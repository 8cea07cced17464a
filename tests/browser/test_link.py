"""The state of the screen in the address of an exported page: a link opens the same screen, and tells nothing else."""

import re

import pytest
from explorer.test_state import ANOTHER, ROW, random_states
from explorer.test_writing import Model
from playwright.sync_api import expect

from logitlab import Explorer

STRANGE = 'Ünïcode "quoted" & <b>#stage=draws&temperature=9</b> 100 % ☃ ‮x'


def values(page):
    """What the screen says of its state."""
    fields = ("temperature", "top_k", "top_p", "min_p")
    return {name: float(page.get_by_label(f"{name}, exact value").input_value()) for name in fields}


def hash_of(page):
    return page.evaluate("location.hash")


def until_hash(page, hash_):
    expect(page).to_have_url(re.compile(f"{re.escape(hash_)}$"))


@pytest.fixture
def exported(new_page, tmp_path):
    explorer = Explorer(ROW, tokens=[f" secret{i}" for i in range(300)], temperature=0.7, top_k=40)
    path = explorer.export(tmp_path / "page.html", title=STRANGE)

    def open_page(hash_=""):
        page = new_page(offline=True)
        page.goto(path.as_uri() + hash_)
        page.locator(".ll-bar").first.wait_for()
        return page

    return open_page


def test_random_states_there_and_back(bare):
    """300 states as a link spells them, and read again; of another start only the differences are there."""
    b = bare(Explorer(ROW))
    states = list(random_states(300, 9))
    starts = [Explorer(ROW).state, ANOTHER, *states[:-2]]
    found = b.page.evaluate(
        "pairs => pairs.map(([s, start]) => { const hash = state.hashOf(s, start);"
        " return [hash, state.stateIn(`#${hash}`, start, 300)]; })",
        [list(pair) for pair in zip(states, starts, strict=True)],
    )
    for state, start, (hash_, again) in zip(states, starts, found, strict=True):
        assert again == state, hash_
        named = {part.split("=")[0] for part in hash_.split("&") if part}
        assert named == {name for name in state if state[name] != start[name]}
        assert re.fullmatch(r"[A-Za-z0-9_.,;=&-]*", hash_)


WRONG = [
    ("#temperature=-1&top_k=3", "temperature must be 0 or a number from 0.000001 to 1 000 000, got “-1”."),
    ("#top_k=3&temperature=", "temperature must be"),
    ("#top_k=2.5", "top_k must be a whole number from 0"),
    ("#top_k=3&engine=gpt", "engine must be one of ollama, llama.cpp, "),
    ("#top_k=3&selected=300", "selected must be a whole number from 0 to 299, got “300”."),
    ("#top_k=3&pins=1,2", "pins must be"),
    ("#top_k=3&pins=1,0,2,0,vllm", "top_p must be a number from 0 to 1, got “2”."),
    ("#top_k=3&stage=kitchen", "stage must be one of bars"),
    ("#section-3", "each part must be one of temperature, top_k, "),
    ("#top_k=3&%E0%A4%A=" + "x" * 500, "each part must be one of"),
    ("#__proto__=1", "each part must be one of"),
    ("#draws=1e99", "draws must be a whole number from 0 to 100 000"),
]  # fmt: skip


def test_a_wrong_link_is_said_and_not_applied(exported):
    """As the page is opened, and while it is; nothing of it is followed, and it is gone when something moves."""
    page = exported(WRONG[0][0])
    problem = page.get_by_role("alert")
    for hash_, says in WRONG:
        page.evaluate("hash => { location.hash = hash; }", hash_)
        expect(problem).to_contain_text("This link cannot be followed: ")
        expect(problem).to_contain_text(
            says.replace("1 000 000", "1\u202f000\u202f000").replace("100 000", "100\u202f000")
        )
        assert len(problem.inner_text()) < 400
        assert values(page) == {"temperature": 0.7, "top_k": 40, "top_p": 1, "min_p": 0}
    page.get_by_role("slider", name="temperature", exact=True).press("ArrowRight")
    expect(problem).to_be_hidden()
    until_hash(page, "#temperature=0.75")


def test_the_address_follows_and_is_followed(exported):
    page = exported()
    assert hash_of(page) == ""
    depth = page.evaluate("history.length")
    page.get_by_role("slider", name="temperature", exact=True).press("Home")
    page.get_by_label("top_k, exact value").fill("7")
    page.get_by_role("button", name="Draw 100", exact=True).click()
    page.get_by_label("engine", exact=True).select_option("vllm")
    until_hash(page, "#temperature=0&top_k=7&engine=vllm&draws=100")
    assert page.evaluate("history.length") == depth
    again = exported(hash_of(page))
    assert values(again) == values(page)
    assert again.locator("tbody").first.inner_text() == page.locator("tbody").first.inner_text()
    expect(again.get_by_role("button", name="Undo")).to_be_disabled()
    again.evaluate("location.hash = '#temperature=0.3&draws=1'")
    expect(again.get_by_label("temperature, exact value")).to_have_value("0.3")
    assert values(again)["top_k"] == 40  # what a link does not name is as in the file
    again.evaluate("location.hash = '#temperature=nothing'")
    expect(again.get_by_role("alert")).to_contain_text("temperature must be")
    again.evaluate("location.hash = '#temperature=0.3&draws=1'")
    expect(again.get_by_role("alert")).to_be_hidden()
    again.get_by_role("button", name="Undo").click()
    expect(again.get_by_label("temperature, exact value")).to_have_value("0")
    until_hash(again, hash_of(page))


def test_many_moves_are_few_changes_of_the_address(exported):
    page = exported()
    page.evaluate(
        "() => { window.n = 0; const old = history.replaceState;"
        " history.replaceState = (...a) => { n++; old.apply(history, a); }; }"
    )
    page.evaluate(
        """async () => { const slider = document.querySelector("input[type=range]");
        for (let i = 0; i < 60; i++) {
            slider.value = i % 50;
            slider.dispatchEvent(new Event("input"));
            await new Promise(requestAnimationFrame);
        } }"""
    )
    until_hash(page, "#temperature=0.45")
    assert page.evaluate("n") <= 20


def test_no_word_of_the_text_is_in_the_address(new_page, tmp_path):
    """A text of strange signs, a token that is chosen, found and drawn."""
    explorer = Explorer(Model(), STRANGE, temperature=0.7)
    page = new_page(offline=True)
    page.goto(explorer.export(tmp_path / "p.html").as_uri())
    page.locator(".ll-pick").nth(2).click()
    page.get_by_label("find a token").fill("secret")
    page.get_by_role("button", name="Draw 1", exact=True).click()
    expect(page).to_have_url(re.compile(r"p\.html#draws=1&selected=\d+$"))


def test_a_page_of_a_notebook_leaves_the_address_alone(new_page, tmp_path):
    """There the explorer is in a frame of its own, without an address."""
    path = Explorer(ROW).export(tmp_path / "page.html")
    page = new_page(offline=True)
    (tmp_path / "outer.html").write_text("<iframe width=900 height=600></iframe>")
    page.goto((tmp_path / "outer.html").as_uri() + "#temperature=0.2")
    page.evaluate("text => { document.querySelector('iframe').srcdoc = text; }", path.read_text())
    frame = page.frame_locator("iframe")
    frame.locator(".ll-bar").first.wait_for()
    field = frame.get_by_label("temperature, exact value")
    expect(field).to_have_value("1")
    frame.get_by_role("slider", name="temperature", exact=True).press("ArrowRight")
    expect(field).to_have_value("1.05")
    page.wait_for_timeout(500)
    assert hash_of(page) == "#temperature=0.2"


def test_a_state_that_python_assigns_is_one_step_of_undo(bare):
    """The message comes before the values; Undo brings all of them back."""
    explorer = Explorer(ROW, temperature=0.7)
    b = bare(explorer)
    messages = []
    explorer.send = lambda content, buffers=None: messages.append(content)
    before = explorer.state
    explorer.state = ANOTHER | {"stage": None}
    assert messages == [{"kind": "remember"}]
    b.page.evaluate("content => model.tell(content)", messages[0])
    b.set(**{name: value for name, value in explorer.state.items() if name != "stage"})
    b.drawn()
    undo = b.view.get_by_role("button", name="Undo")
    undo.click()
    assert {name: b.get(name) for name in before if name != "stage"} == {
        name: value for name, value in before.items() if name != "stage"
    }
    expect(undo).to_be_disabled()
