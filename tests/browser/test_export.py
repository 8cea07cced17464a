"""One file that still moves: opened from the disk, with the network cut; and the lines that reproduce a screen."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from logitlab import Explorer, Sampler


def test_the_file_moves_without_a_network(new_page, vocabulary, tmp_path):
    explorer = vocabulary(temperature=1.0, top_k=40, seed=3)
    path = explorer.export(tmp_path / "lesson.html", title="A <lesson> & more")
    page = new_page(offline=True)
    requests = []
    page.on("request", lambda request: requests.append(request.url.split(":")[0]))
    page.goto(path.as_uri())
    expect(page).to_have_title("A <lesson> & more")
    slider = page.get_by_role("slider", name="temperature", exact=True)
    for _ in range(4):
        slider.press("ArrowRight")
    best = page.locator(".ll-percent").first
    share = Sampler(temperature=1.2, top_k=40).probs(explorer.logits).max()
    expect(best).to_have_text(re.compile(rf"{100 * share:.1f}\s%"))
    page.get_by_role("button", name="Draw 1", exact=True).click()
    token = Sampler(temperature=1.2, top_k=40).sample(explorer.logits, rng=3)
    expect(page.locator(".ll-draws .ll-says bdi")).to_have_text(f"␣t{token}")
    assert set(requests) <= {"file", "blob", "data"}


def test_hostile_texts_stay_texts(new_page, tmp_path):
    tokens = ["</script><script>alert(1)</script>", "<!--", "\u2028'\"\\"]
    path = Explorer([1.0, 0.5, 0.2], tokens=tokens).export(
        tmp_path / "x.html", title="</title><script>alert(2)</script>"
    )
    page = new_page(offline=True)
    page.on("dialog", lambda dialog: pytest.fail("a script of a token has run"))
    page.goto(path.as_uri())
    expect(page.locator(".ll-explorer .ll-token").first).to_have_text(tokens[0])


def test_nothing_half_written_is_left(vocabulary, tmp_path):
    with pytest.raises(FileNotFoundError):
        vocabulary().export(tmp_path / "no such folder" / "x.html")
    assert list(tmp_path.iterdir()) == []


CASES = [
    {"temperature": 0.4, "top_k": 3, "engine": "ollama", "draws": 100, "seed": 5},
    {"temperature": 2.5, "top_p": 0.8, "min_p": 0.05, "engine": "vllm", "draws": 1, "seed": 2**40},
    {"engine": "mlx-lm"},
]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["engine"])
def test_the_code_reproduces_the_screen(bare, case, dtype):
    x = np.array([1.25, 0.1, -0.5, 3.0, -np.inf], dtype)
    explorer = Explorer(x, tokens=list("abcde"))
    b = bare(explorer, changes=case)
    b.view.locator("summary").click()
    code = b.view.locator("pre").inner_text()
    scope = {}
    exec(code, scope)
    for name, value in case.items():
        setattr(explorer, name, value)
    assert scope["logits"].dtype == dtype
    assert scope["sampler"] == explorer.sampler
    np.testing.assert_array_equal(scope["probs"], explorer.probs)
    shown = b.view.locator(".ll-tokens .ll-percent").first.inner_text()
    assert float(shown.split()[0]) / 100 == pytest.approx(scope["probs"].max(), abs=5.1e-4)
    if "draws" in case:
        drawn = [
            int(text.split()[0])
            for text in b.view.locator(".ll-tokens tbody tr:not([hidden]) .ll-d").all_inner_texts()
        ]
        order = np.argsort(-x, kind="stable")
        assert drawn == np.bincount(scope["tokens"], minlength=5)[order].tolist()


def test_the_button_copies(bare, animals):
    b = bare(animals(), permissions=["clipboard-read", "clipboard-write"])
    b.view.locator("summary").click()
    b.view.get_by_role("button", name="Copy", exact=True).click()
    expect(b.view.get_by_role("status")).to_have_text("copied")
    assert b.page.evaluate("navigator.clipboard.readText()") == b.view.locator("pre").inner_text()
