"""The command line: prints the table, says which bars are met, writes JSON and the plot on request."""

import argparse
import json
from pathlib import Path

from benchmarks.libraries import installed, one_thread, versions

one_thread()

from benchmarks import plot, report, run  # noqa: E402 - the libraries read their variables when imported
from benchmarks.cases import CASES  # noqa: E402


def parse():
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=run.__doc__)
    parser.add_argument("--only", default="", help="rows whose label contains this")
    parser.add_argument("--libraries", help="only these peers, separated by commas")
    parser.add_argument("--seconds", type=float, default=0.5, help="time per contender and row")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw time per element against the length")
    parser.add_argument(
        "--readme",
        type=Path,
        nargs=2,
        metavar=("JSON", "ROOT"),
        help="put a run's table into docs/ and the README",
    )
    parser.add_argument("--target", help=argparse.SUPPRESS)  # a child's: the rows of this CPU target
    return parser.parse_args()


def measure(arguments, libraries):
    rows, targets = [], {}
    for case in CASES:
        if arguments.only not in case.label:
            continue
        if case.target == arguments.target:
            rows.append(run.measure(case, libraries, arguments.seconds))
            report.print_row(rows[-1])
        elif arguments.target is None:
            targets[case.target] = None
    options = ["--only", arguments.only, "--seconds", str(arguments.seconds)]
    if arguments.libraries:
        options += ["--libraries", arguments.libraries]
    for target in targets:
        rows += run.measure_in_child(target, options)
    return rows


def main():
    arguments = parse()
    if arguments.readme:
        source, root = arguments.readme
        document = json.loads(source.read_text())
        for page, labels in ((root / "README.md", report.README_ROWS), (root / "docs/performance.md", None)):
            text = report.into(page.read_text(encoding="utf-8"), report.markdown(document, labels))
            page.write_text(text, encoding="utf-8")
        return
    libraries = installed(arguments.libraries and arguments.libraries.split(","))
    document = {"machine": run.machine(), "versions": versions()}
    if arguments.target is None:
        print(document["machine"], document["versions"], sep="\n")
    document["rows"] = measure(arguments, libraries)
    document["bounds"] = run.bounds(document["rows"])
    if arguments.target is None:
        for bound in document["bounds"]:
            report.print_bound(bound)
        short = report.missed(document)
        print(f"{len(short)} of the musts missed" + "".join(f"\n  {label}" for label in short))
    if arguments.plot:
        document["plot"] = plot.measure(libraries)
        plot.save(document["plot"], arguments.plot)
    if arguments.json:
        arguments.json.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
