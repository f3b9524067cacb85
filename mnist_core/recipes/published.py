"""The training histories that the five tutorials printed, as far as they printed them.

published.json holds them by the recipe's name, with the tutorial as their source. The columns are Keras's log
keys, one value an epoch, null where nothing was printed:

    {"softmax": {"epoch": [1, 2, …], "loss": [0.613, …], "val_loss": […], …, "test_accuracy": 0.9273}, …}
"""

import json
from dataclasses import dataclass
from pathlib import Path

Column = tuple[float | None, ...]


@dataclass(frozen=True)
class History:
    """What a tutorial printed of its training.

    `epoch` counts from 1. The other columns have a value or None for each of these epochs, and are empty if
    the tutorial printed none of them.
    """

    epoch: tuple[int, ...]
    loss: Column = ()
    accuracy: Column = ()
    val_loss: Column = ()
    val_accuracy: Column = ()
    test_loss: float | None = None
    test_accuracy: float | None = None

    def at(self, epoch: int, measure: str) -> float | None:
        """The value of `measure`, such as "val_loss", that was printed after this epoch; None without one."""
        values = dict(zip(self.epoch, getattr(self, measure)))
        return values.get(epoch)


def _read() -> dict[str, History]:
    stored = json.loads(Path(__file__).with_name("published.json").read_text("utf-8"))
    return {
        name: History(**{key: tuple(of) if isinstance(of, list) else of for key, of in columns.items()})
        for name, columns in stored.items()
    }


HISTORIES = _read()
