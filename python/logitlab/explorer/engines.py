"""What the page knows of engines: the order of the controls' steps in each, and which values it refuses or changes.

Both are read from the table of engines. Why engines part is said by `compare`, in Python alone.
"""

from typing import Any

from logitlab.explorer.controls import CONTROLS
from logitlab.sampling import ENGINES, Sampler


def programs() -> dict[str, list[list[Any]]]:
    """Return each engine's order of the controls' steps, as the kernels take them.

    A step is its name, the integers of its edge rules, and whether 0 turns it off.
    """
    names = {control.kind: name for name, control in CONTROLS.items()}

    def rows(engine: str, **options: Any) -> list[Any]:
        return [step.row() for step in Sampler(None, engine=engine, **options).steps]

    def off_at_zero(engine: str, name: str) -> int:
        [(_, [(_, value), *_], *_)] = rows(engine, **{name: type(CONTROLS[name].asking())(0)})
        return int(value != 0.0)

    def program(engine: str) -> list[list[Any]]:
        order = ENGINES[engine].order
        given = {name: control.asking() for name, control in CONTROLS.items() if control.kind in order}
        return [
            [names[kind], [int(value) for _, value in values[1:]], off_at_zero(engine, names[kind])]
            for kind, values, *_ in rows(engine, **given)
        ]

    return {engine: program(engine) for engine in ENGINES}


def spelt(engines: dict[str, list[list[Any]]]) -> str:
    """Return programs in the fewest letters: `engine=step.off.edge.edge,...;...` without zeros at the end.

    In JSON they would be three times as long, as every quotation mark is saved escaped; scene.js reads it.
    """
    controls = list(CONTROLS)

    def step(name: str, edges: list[int], off: int) -> str:
        numbers = [controls.index(name), off, *edges]
        while len(numbers) > 1 and numbers[-1] == 0:
            numbers.pop()
        return ".".join(map(str, numbers))

    return ";".join(f"{name}=" + ",".join(step(*row) for row in rows) for name, rows in engines.items())


def refused() -> str:
    """Return the values that engines refuse or change, a line of tabs for each.

    It has the engine, the option, from, to, and what it says; scene.js reads it.
    """
    return "\n".join(
        "\t".join(
            [
                name,
                unlike.option,
                str(float(unlike.low)),
                str(unlike.high).replace("inf", "Infinity"),
                unlike.says,
            ]
        )
        for name, engine in ENGINES.items()
        for unlike in engine.unlike
        if unlike.option in CONTROLS
    )
