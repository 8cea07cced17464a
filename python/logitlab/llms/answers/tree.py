"""The first tokens of many answers as a tree of probabilities, likeliest beginnings first.

What can follow a beginning is asked of a function, so the same tree grows from a model's exact probabilities, from a
server's log-probabilities, and from the answers alone. Where to look further is decided by the probability of the whole
beginning: an unlikely one is not opened.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

END = "end"  # the key of what ends an answer; no token id and no piece of text is equal to (END,)
Key = Hashable
Path = tuple[Key, ...]

OPENED = 16  # beginnings that are looked into
DEPTH = 6  # tokens
LISTED = 8  # branches of one beginning
LEAST = 0.01  # of all answers: a branch with less is not listed, and not opened


@dataclass(frozen=True, slots=True)
class Next:
    """What may follow a beginning: `listed` has the key, the text and the probability of each token."""

    listed: Sequence[tuple[Key, str, float]]
    source: str


@dataclass(frozen=True, slots=True)
class Branch:
    """A beginning of an answer: its last token, and what follows.

    Attributes
    ----------
    token : str
        The text of the last token; empty for the root, and where an answer ends.
    ends : bool
        Whether the answer ends here.
    prob : float
        The probability of the token after those before it.
    path : float
        The probability of the whole beginning: the product from the root to here.
    count : int
        How many of the answers begin so.
    branches : tuple of Branch
        What follows, likeliest first; empty where nobody looked further.
    rest, rest_count : float, int
        The probability (after this beginning) and the count of all that follows and is not among `branches`.
    source : str
        Where the probabilities of `branches` come from: "exact", "log-probabilities" or "draws"; empty without any.
    """

    token: str
    ends: bool
    prob: float
    path: float
    count: int
    branches: tuple["Branch", ...] = ()
    rest: float = 0.0
    rest_count: int = 0
    source: str = ""

    def __len__(self) -> int:
        return len(self.branches)

    def __getitem__(self, token: str | int) -> "Branch":
        """Return the branch of a token's text, or the one at a place.

        Examples
        --------
        >>> tree = grow(by_draws([("a", "b"), ("a", "c"), ("d",)]), [("a", "b"), ("a", "c"), ("d",)])
        >>> tree["a"].count, tree["a"]["b"].prob
        (2, 0.5)
        """
        if isinstance(token, str):
            for branch in self.branches:
                if branch.token == token and not branch.ends:
                    return branch
            raise KeyError(token)
        return self.branches[token]


@dataclass(slots=True)
class _Open:
    """A branch while the tree grows."""

    text: str
    key: Path
    prob: float
    path: float
    found: list["_Open"]
    rest: float = 0.0
    source: str = ""


def grow(following: Callable[[Path], Next | None], paths: Sequence[Path]) -> Branch:
    """Return the tree of what `following` says, with how many of `paths` go through each branch."""
    counts: Counter[Path] = Counter(
        path[:depth] for path in paths for depth in range(min(len(path), DEPTH) + 1)
    )
    going_on: Counter[Path] = Counter(
        path[:depth] for path in paths for depth in range(min(len(path), DEPTH))
    )
    root = _Open("", (), 1.0, 1.0, [])
    waiting, order, opened = [(-1.0, 0, root)], 0, 0
    while waiting and opened < OPENED:
        _, _, branch = heappop(waiting)
        after = None if len(branch.key) == DEPTH or branch.key[-1:] == ((END,),) else following(branch.key)
        if after is None:
            continue
        opened += 1
        branch.source = after.source
        _open(branch, after, counts, len(paths))
        for found in branch.found:
            if found.path >= LEAST:
                order += 1
                heappush(waiting, (-found.path, order, found))
    return _closed(root, counts, going_on)


def _open(branch: _Open, after: Next, counts: Counter[Path], n: int) -> None:
    """List what follows a branch: what is likely, and what came often."""
    for key, text, prob in sorted(after.listed, key=lambda each: -each[2]):
        path, share = branch.path * prob, counts[(*branch.key, key)] / n
        if len(branch.found) < LISTED and max(path, share) >= LEAST:
            branch.found.append(_Open(text, (*branch.key, key), prob, path, []))
        else:
            branch.rest += prob


def _closed(branch: _Open, counts: Counter[Path], going_on: Counter[Path]) -> Branch:
    found = tuple(_closed(each, counts, going_on) for each in branch.found)
    return Branch(
        branch.text,
        branch.key[-1:] == ((END,),),
        branch.prob,
        branch.path,
        counts[branch.key],
        found,
        branch.rest,
        going_on[branch.key] - sum(each.count for each in found) if branch.source else 0,
        branch.source,
    )


def by_draws(paths: Iterable[Path]) -> Callable[[Path], Next | None]:
    """Return what follows by the share of `paths`; a key is its own text."""
    after: dict[Path, Counter[Key]] = {}
    for path in paths:
        for depth in range(min(len(path), DEPTH)):
            after.setdefault(path[:depth], Counter())[path[depth]] += 1

    def following(path: Path) -> Next | None:
        found = after.get(path)
        if not found:
            return None
        total = sum(found.values())
        listed = [(key, "" if key == (END,) else str(key), count / total) for key, count in found.items()]
        return Next(listed, "draws")

    return following
