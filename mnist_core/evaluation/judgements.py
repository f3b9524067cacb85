"""Visitors' judgements on test images: is the model wrong, is the label doubtful, could nobody know?

    <home>/judgements/<owner>/<which test set>.json      {"247": "model", "2654": "nobody", ...}

One file a test set, because an index means another image in another set. Files are written in one step. What is
removed or replaced can be restored for a day (trash.py). The owner is a visitor of a server that many share; on
one's own machine the files are in judgements itself.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mnist_core.data.mnist import Split
from mnist_core.files import change_json, in_words
from mnist_core.language.messages import message
from mnist_core.trash import Trash

JUDGEMENTS = {
    "model": message("the model is wrong"),
    "label": message("the label is doubtful"),
    "nobody": message("cannot be decided"),
}


@dataclass(frozen=True)
class Judgements:
    """Owns the judgements of one owner on the images of one test set; "" is the owner of the machine."""

    home: Path
    test: Split
    owner: str = ""

    @cached_property
    def path(self) -> Path:
        digest = hashlib.sha256(self.test.images.tobytes() + self.test.labels.tobytes()).hexdigest()
        return self.home / "judgements" / self.owner / f"{digest[:12]}.json"

    def all(self) -> Mapping[int, str]:
        """Keys of JUDGEMENTS by index of the test image; invalid entries are left out."""
        try:
            said = json.loads(self.path.read_text("utf-8"))
            pairs = [(int(index), judgement) for index, judgement in said.items() if index.isdecimal()]
        except (OSError, ValueError, AttributeError):
            return {}
        return {i: said for i, said in pairs if said in JUDGEMENTS and 0 <= i < len(self.test.labels)}

    @in_words()
    def judge(self, index: int, judgement: str | None) -> None:
        """Save a judgement on an image; None removes it. ValueError for an unknown judgement or index."""
        if judgement not in (None, *JUDGEMENTS) or not 0 <= index < len(self.test.labels):
            raise ValueError(
                message(
                    "There is no judgement {judgement!r} on test image {index!r}.",
                    judgement=judgement,
                    index=index,
                )
            )
        before = self.all().get(index)
        if before not in (None, judgement):
            Trash(self.home).put_entry("judgement", self.path, (f"{index}", before), self.owner)
        change_json(self.path, {f"{index}": judgement})
