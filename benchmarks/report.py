"""Prints what run.py measured: a line a row on the terminal, Markdown tables for the README and docs/performance.md."""

import sys

BEGIN, END = "<!-- made by make bench-readme -->", "<!-- end -->"
SIZES = (4, 128_256)  # of the single rows in the table; batches are all shown
README_ROWS = (
    "softargmax float64, 4",
    "softargmax, 128 256",
    "top_k(50), 128 256",
    "draw, top_k 50, 128 256",
    "draw, top_p 0.9, 128 256",
    "softargmax of a batch, 64 x 32 000",
)


def verdict(value, must, aim, more_is_better=True):
    """met or missed, and by how much."""
    if value is None or must is None:
        return ""
    reaches = (lambda bar: value >= bar) if more_is_better else (lambda bar: value <= bar)
    if aim is not None and reaches(aim):
        return f"aim {aim:g} met"
    if reaches(must):
        return f"must {must:g} met" + (f", aim {aim:g} at {100 * value / aim:.0f} %" if aim else "")
    return f"must {must:g} MISSED at {100 * value / must:.0f} %"


def print_row(row):
    peers = sorted(row["peers"].items(), key=lambda item: item[1])
    others = ", ".join(f"{name} {time(seconds)}" for name, seconds in [*peers, *row["floor"].items()])
    ratio = (
        f"{row['ratio']:.2f} x {row['best']} ({row['low']:.2f} to {row['high']:.2f})" if row["ratio"] else "-"
    )
    judged = verdict(row["ratio"], row["must"], row["aim"])
    print(f"{row['label']:46s} {time(row['logitlab']):>8s}  {ratio:42s} {judged:32s} {others}")
    sys.stdout.flush()


def print_bound(bound):
    judged = verdict(bound["value"], bound["must"], bound["aim"], more_is_better=False)
    print(f"{bound['label']:72s} {bound['value']:5.2f}  {judged}")


def time(seconds):
    """Microseconds, three digits."""
    us = seconds * 1e6
    return f"{us:.2f}" if us < 10 else f"{us:.1f}" if us < 100 else f"{us:.0f}"


def missed(document):
    """Labels of what fell short of its must."""
    short = [
        row["label"]
        for row in document["rows"]
        if row["ratio"] and row["must"] and row["ratio"] < row["must"]
    ]
    return short + [bound["label"] for bound in document["bounds"] if bound["value"] > bound["must"]]


def markdown(document, labels=None):
    """The table; of the rows called `labels` alone, which must all be there."""
    lines = ["| work | logitlab | fastest other | times faster |", "|---|--:|--:|--:|"]
    for row in document["rows"]:
        if row["target"] is None and row["peers"] and (len(row["shape"]) > 1 or row["shape"][0] in SIZES):
            name, seconds = min(row["peers"].items(), key=lambda item: item[1])
            faster = f"{seconds / row['logitlab']:.1f}"
            lines.append(f"| {row['label']} | {time(row['logitlab'])} | {name} {time(seconds)} | {faster} |")
    if labels is not None:
        chosen = {line.split(" | ")[0].removeprefix("| "): line for line in lines[2:]}
        lines[2:] = [chosen[label] for label in labels]
    versions = ", ".join(
        f"{name} {version}" for name, version in document["versions"].items() if name != "logitlab"
    )
    machine = document["machine"]
    where = f"Microseconds, one thread, {machine['cpu']}, Python {machine['python']}, {versions}."
    return "\n".join([*lines, "", where])


def into(text, table):
    """A page with its table replaced."""
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"the page has no place for the table: {BEGIN} ... {END}")
    return f"{head}{BEGIN}\n{table}\n{END}{tail}"
