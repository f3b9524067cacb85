"""What a teacher sees of a class, as tables: the visitors, their runs, their digits and how models read them.

Rows are dicts with English names of columns, the same on the page and in the CSV files.
"""

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from mnist_core.data.my_digits import EverybodysDigits
from mnist_core.runs.history import history
from mnist_core.runs.snapshot import Snapshot
from mnist_core.runs.store import RunStore
from mnist_core.visitors.register import Register

Row = dict[str, Any]
_FORMULA = ("=", "+", "-", "@", "\t")  # with what a spreadsheet would take a text for a formula


def visitors(store: RunStore, register: Register) -> list[Row]:
    """One row a visitor, who was here last first: who is here now, and how much is kept of each."""
    here, digits = set(register.here()), {mine.owner: mine for mine in EverybodysDigits(store.home).owners()}
    num_runs = Counter(run.owner for run in store.list())
    return [
        {
            "visitor": id_,
            "name": register.name(id_),
            "here": id_ in here,
            "last_seen": datetime.fromtimestamp(seen).isoformat(" ", "seconds"),
            "runs": num_runs[id_],
            "digits": len(digits[id_].ids()) if id_ in digits else 0,
        }
        for id_, seen in register.last_seen().items()
    ]


def runs(snapshots: Sequence[Snapshot], register: Register) -> list[Row]:
    """One row a run as in runs/history.py, with its owner."""
    owners = [snapshot.run.owner for snapshot in snapshots]
    names = {owner: register.name(owner) for owner in set(owners)}
    return [
        {"run": row.pop("run"), "visitor": owner, "visitor_name": names[owner], **row}
        for owner, row in zip(owners, history(snapshots))
    ]


def digits(all_of_them: EverybodysDigits, register: Register, read: Mapping[str, np.ndarray]) -> list[Row]:
    """One row a digit, oldest first: its owner, its label, and as what each run reads it.

    `read` are the digits read by each run, by its id, int (n,), in the order of `all_of_them.list()`.
    """
    rows = []
    for place, digit in enumerate(all_of_them.list()):
        owner = digit.id.rpartition("/")[0]
        row = {"digit": digit.id, "visitor": owner, "visitor_name": register.name(owner), "label": digit.label}
        rows.append(row | {run_id: int(answers[place]) for run_id, answers in read.items()})
    return rows


def as_csv(rows: Sequence[Row]) -> str:
    """Rows with the same columns as CSV, in which no text is a formula; "" without rows."""
    file = io.StringIO()
    if rows:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows({name: _safe(value) for name, value in row.items()} for row in rows)
    return file.getvalue()


def _safe(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
