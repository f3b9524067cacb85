"""What a teacher has hidden from the pupils: runs, and visitors' names.

    <home>/hidden.json      {"runs": ["20261121-031412-fast-4f2a"], "names": ["4f2a9c01d3e85b76"]}

Who made a run still sees it, and their own name.
"""

import json
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path

from mnist_core.files import write_json
from mnist_core.runs.run import Run
from mnist_core.visitors.visitor import Visitor


@dataclass(frozen=True)
class Hidden:
    """The ids of hidden runs, and of visitors whose name is hidden."""

    runs: frozenset[str] = field(default=frozenset())
    names: frozenset[str] = field(default=frozenset())

    @classmethod
    def of(cls, home: Path) -> "Hidden":
        """What is hidden in a home; a damaged file hides nothing."""
        path = home / "hidden.json"
        try:
            return _hidden(path, path.stat().st_mtime_ns)
        except (OSError, ValueError, TypeError, AttributeError):
            return cls()

    def is_seen_by(self, visitor: Visitor, run: Run) -> bool:
        """Whether the visitor may see the run: it is not hidden, or it is theirs."""
        return run.id not in self.runs or visitor.is_teacher or (visitor.can_act and run.owner == visitor.id)

    def save(self, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True)
        write_json(home / "hidden.json", {name: sorted(ids) for name, ids in asdict(self).items()})


@lru_cache(maxsize=64)
def _hidden(path: Path, changed: int) -> Hidden:
    data = json.loads(path.read_text("utf-8"))
    return Hidden(*(frozenset(map(str, data.get(name, ()))) for name in ("runs", "names")))
