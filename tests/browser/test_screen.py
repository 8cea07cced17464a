"""Every number on the screen is Sampler's, written as people write numbers: 1000 random states, read from the page."""

import base64
import math
import re

import numpy as np
import pytest
from explorer.test_engines import OFF, random_settings
from playwright.sync_api import expect

from logitlab import Explorer, Sampler, compare
from logitlab.explorer.chance import counts_of
from logitlab.explorer.engines import programs, refused
from logitlab.explorer.text import fixed, integer, percent
from logitlab.sampling import ENGINES

EXPONENT = re.compile(r"\d[.\d]*e[-−+]?\d", re.IGNORECASE)
READ = """async (states) => { const found = [];
    const texts = (selector) => [...document.querySelectorAll(selector)].map((node) => node.textContent);
    let work = null;
    window.requestAnimationFrame = (draw) => { work = draw; return 1; }; // no screen has to be waited for
    document.body.style.display = "none"; // nor painted
    for (const state of states) {
        for (const [name, value] of Object.entries(state)) model.set(name, value);
        work?.();
        work = null;
        found.push({ stats: texts(".ll-stats")[0], heads: texts(".ll-tokens thead small"),
            percents: texts(".ll-tokens .ll-percent"), logits: texts(".ll-tokens tbody .ll-n"),
            drawn: texts(".ll-tokens tbody .ll-d"), says: texts(".ll-draws .ll-says")[0],
            all: texts(".ll-panel:not(.ll-code)").join("") });
    }
    return found; }"""


def expected(explorer, state, order):
    """The same texts, of Sampler's trace and NumPy's stream."""
    row = explorer.logits
    given = {name: state[name] for name in OFF if state[name] != OFF[name]}
    sampler = Sampler(engine=state["engine"], **given)
    trace, probs = sampler.trace(row), sampler.probs(row).astype(float)
    best = np.argsort(-row, kind="stable")[:12]
    bits = float(trace.entropy[-1])
    left = int(trace.count[-1])
    rest = max(0.0, 1 - math.fsum(probs[best]))
    drawn = (
        sampler.sample(row, size=state["draws"], rng=state["seed"]) if state["draws"] else np.array([], int)
    )
    counts = [int((drawn == token).sum()) for token in best]
    n = state["draws"]

    def count(c, p):
        low, high, _ = counts_of(n, min(1.0, float(p)))
        out = " outside" if n > 1 and not low <= c <= high else ""
        return f"{integer(c)}{f' ({integer(low)}–{integer(high)})' if n > 1 else ''}{out}"

    return {
        "left": f"{integer(left)} of {integer(len(row))} tokens left",
        "entropy": f"entropy {'0' if bits == 0 else fixed(bits / math.log(2), 2)} bits",
        "percents": [percent(p) for p in probs[best]],
        "rest": rest,
        "logits": [fixed(float(x), 2) for x in row[best]],
        "drawn": [count(c, p) for c, p in zip(counts, probs[best], strict=True)] if n else None,
        "kept": {
            step.kind: f"{integer(int(trace.count[i]))} left:\nkeeps {percent(float(trace.kept[i]))}"
            for i, step in enumerate(trace.steps, 1)
            if step.kind != "temperature"
        },
        "u": f"u = {fixed(np.random.default_rng(state['seed']).random(max(1, n))[-1], 6)}",
    }


def near(text, other):
    """Equal, or in the last digit: shares are summed in another order here."""
    a, b = (re.sub(r"[^\d.]", "", each) for each in (text, other))
    return text == other or abs(float(a or 0) - float(b or 0)) <= 0.11


def test_1000_random_states(bare):
    rng = np.random.default_rng(11)
    x = rng.normal(0, 2.5, 300).astype(np.float32)
    x[:3] = x[3]
    explorer = Explorer(x, tokens=[f" t{i}" for i in range(300)])
    b = bare(explorer)
    states = []
    for i, settings in enumerate(random_settings(1000, 12)):
        draws = [0, 1, 100, 1000][i % 4]
        states.append(
            settings
            | {"engine": list(ENGINES)[i % len(ENGINES)], "draws": draws, "seed": int(rng.integers(2**53))}
        )
    found = b.page.evaluate(READ, states)
    for state, got in zip(states, found, strict=True):
        order = [kind for kind, *_ in programs()[state["engine"]]]
        want = expected(explorer, state, order)
        assert want["left"] in got["stats"], state
        assert want["entropy"] in got["stats"], state
        assert got["percents"][:12] == want["percents"], state
        assert got["logits"][:12] == want["logits"], state
        if want["rest"] > 1e-5:
            assert near(got["percents"][12], percent(want["rest"])), state
        for kind, text in want["kept"].items():
            shown = got["heads"][order.index(kind)]
            if shown == "off":  # at 0, where this engine takes that for off
                assert state[kind] == 0, state
                continue
            assert shown.split("keeps")[0] == text.split("keeps")[0], state
            assert near(shown.split("keeps")[1], text.split("keeps")[1]), state
        if want["drawn"]:
            assert got["drawn"][:12] == want["drawn"], state
            assert want["u"] in got["says"], state
        assert not EXPONENT.search(got["all"]), (state, EXPONENT.search(got["all"]))


def test_numbers_as_people_write_them(bare, vocabulary):
    """Many draws, a large vocabulary, one token left, shares that are nearly nothing."""
    b = bare(vocabulary(temperature=1.0, top_k=40), changes={"draws": 10_000})
    b.settled()
    assert not EXPONENT.search(b.view.inner_text())
    assert re.search(
        r"\d\u202f\d{3} \(\d\u202f\d{3}–\d\u202f\d{3}\)", b.view.locator("tbody").first.inner_text()
    )
    b.set(temperature=1e-6, top_k=0, draws=0)
    b.settled()
    assert not EXPONENT.search(b.view.inner_text())
    b.set(temperature=0, top_k=2)
    stats = b.view.locator(".ll-stats")
    expect(stats).to_contain_text("entropy 0 bits · 1 effective choice ·")
    b.set(temperature=0.05)
    expect(b.view.locator(".ll-plane .ll-says")).to_contain_text(re.compile(r"worth 1(\.0)? choice"))
    for x, text in [
        (1e-9, "< 0.0001"),
        (-1e-9, "> −0.0001"),
        (1234567.25, "1\u202f234\u202f567.25"),
        (-0.5, "−0.5"),
    ]:
        assert b.page.evaluate("x => text.number(x)", x) == text
    for x, text in [
        (1e-9, "0.000000001"),
        (1e9, "1\u202f000\u202f000\u202f000"),
        (0.1, "0.1"),
        (1.5e22, "15" + 7 * "\u202f000"),
    ]:
        assert b.page.evaluate("x => text.exactly(x)", x).replace("15\u202f", "15\u202f") == text
    twins = [float(v) for v in np.random.default_rng(1).random(400) ** 6] + [
        0.125,
        0.0625,
        0.00125,
        1 - 1e-17,
    ]
    assert b.page.evaluate("ps => ps.map(text.percent)", twins) == [percent(p) for p in twins]
    cases = [(int(n), float(p)) for n in (2, 30, 1000, 100_000) for p in (1e-9, 0.003, 0.1, 0.63, 0.999)]
    found = b.page.evaluate(
        "cases => cases.map(([n, p]) => { const c = countsOf(n, p); return [c.low, c.high, c.outside]; })",
        cases,
    )
    for (n, p), (low, high, outside) in zip(cases, found, strict=True):
        assert counts_of(n, p) == (low, high, pytest.approx(outside, rel=1e-9, abs=1e-15))


def test_engines_as_compare_has_them(bare):
    """300 settings: who refuses, in which words; which tokens the others keep."""
    row = np.round(np.random.default_rng(5).normal(0, 2, 30), 1)
    b = bare(Explorer(row, tokens=[f"t{i}" for i in range(30)]))
    settings = list(random_settings(300, 7))
    found = b.page.evaluate(
        """([data, programs, refused, settings]) => { const k = kernels.f64;
        k.setRow(new Float64Array(bytes(data).buffer));
        const refusals = scene.refusalsOf(refused);
        return settings.map((s) => { const work = scene.enginesOf(k, { ...s, engine: "ollama" }, programs, refusals);
            let step; do step = work.next(); while (!step.done);
            return step.value.map(({ name, kept, refuses }) => [name, kept, refuses ?? null]); }); }""",
        [base64.b64encode(row.tobytes()).decode(), programs(), refused(), settings],
    )
    for state, engines in zip(settings, found, strict=True):
        want = compare(row, **{name: value for name, value in state.items() if value != OFF[name]})
        assert {name: says for name, _, says in engines if says} == want.without, state
        kept = {name: len(tokens) for name, tokens in want.kept.items()}
        assert {name: n for name, n, says in engines if not says} == kept, state


def test_an_engine_that_refuses_says_so_and_cannot_be_chosen(bare, animals):
    b = bare(animals(temperature=3.0), changes={"_reason": [[3, 0, 1, 0], "They agree, says Python."]})
    b.settled()
    vllm = b.view.locator(".ll-engines tbody tr", has_text="vllm")
    expect(vllm).to_contain_text("refuses a temperature above 2")
    expect(vllm.get_by_role("button")).to_be_disabled()
    expect(b.view.locator(".ll-why")).to_have_text("They agree, says Python.")
    b.set(engine="vllm")
    b.settled()
    expect(vllm).to_contain_text("shown as if it took it")
    b.set(temperature=0.5)  # until Python is asked, and answers, no reason is given
    b.settled()
    expect(b.view.locator(".ll-why")).to_have_text("")
    b.view.get_by_role("button", name="Why?").click()
    settings = {"temperature": 0.5, "top_k": 0, "top_p": 1, "min_p": 0}
    assert b.page.evaluate("model.sent.at(-1)") == {"kind": "reason", "settings": settings}
    b.set(_reason=[[0.5, 0, 1, 0], "Now they part."])
    b.settled()
    expect(b.view.locator(".ll-why")).to_have_text("Now they part.")
    expect(b.view.get_by_role("button", name="Why?")).to_be_hidden()


def test_axes_have_ticks_and_keys(bare, vocabulary):
    """Ticks stand where the axis has their value; contours do not break off; shades and marks are explained."""
    b = bare(vocabulary(temperature=1.0, top_k=40), changes={"draws": 100})
    b.settled()
    xs = b.view.locator(".ll-xaxis span")
    assert xs.all_inner_texts() == ["0.1", "0.2", "0.5", "1", "2", "5"]
    ys = [t.replace("\u202f", "") for t in b.view.locator(".ll-yaxis span").all_inner_texts()]
    assert ys == ["1", "10", "100", "1000", "10000", "49152"]
    middle = (
        "n => { const b = n.getBoundingClientRect(); return [b.left + b.width / 2, b.top + b.height / 2]; }"
    )
    point = b.view.locator(".ll-point")
    for T, k, x, y in [(1, 100, 3, 2), (0.1, 1, 0, 0), (5, 0, 5, 5)]:
        b.set(temperature=T, top_k=k)
        b.drawn()
        at, tick_x, tick_y = (
            point.evaluate(middle),
            xs.nth(x).evaluate(middle),
            b.view.locator(".ll-yaxis span").nth(y).evaluate(middle),
        )
        assert at[0] == pytest.approx(tick_x[0], abs=1.5)
        assert at[1] == pytest.approx(tick_y[1], abs=1.5)
    expect(b.view.locator(".ll-plane")).to_contain_text("each axis is logarithmic")
    b.view.get_by_label("effective choices").check()
    expect(b.view.locator(".ll-shades")).to_contain_text("49 152 choices")
    ends = b.view.locator(".ll-contours path").evaluate_all(
        """paths => paths.map((path) => { const ends = new Map();
        for (const [, a, b] of path.getAttribute("d").matchAll(/M([\\d. -]+)L([\\d. -]+)/g))
            for (const p of [a, b]) ends.set(p, (ends.get(p) ?? 0) + 1);
        return [...ends].filter(([, n]) => n === 1).map(([p]) => p.split(" ").map(Number)); })"""
    )
    assert len(ends) == 5
    for loose in ends:  # a line ends at the edge of the field and nowhere else
        assert all(x in (0.5, 39.5) or y in (0.5, 27.5) for x, y in loose), loose
    ticks = b.view.locator(".ll-ticks").first
    assert ticks.locator("span").all_inner_texts()[:3] == ["0", "0.5", "1"]
    b.set(temperature=1)
    slider, one = (
        b.slider("temperature").bounding_box(),
        ticks.locator("span", has_text=re.compile("^1$")).evaluate(middle),
    )
    stops = int(b.slider("temperature").get_attribute("max"))
    thumb = slider["x"] + 8 + (slider["width"] - 16) * 20 / stops
    assert one[0] == pytest.approx(thumb, abs=1.5)
    expect(b.view.locator(".ll-key")).to_contain_text("95 % of such counts")
