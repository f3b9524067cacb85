"""When an image was learnt and forgotten during training."""

from collections.abc import Mapping
from itertools import pairwise


def learnt_when(right: Mapping[int, bool]) -> str:
    """When an image was learnt and forgotten, as a sentence; `right` says for each epoch if it was correct."""
    epochs = sorted(right)
    turns = [b for a, b in pairwise(epochs) if right[a] != right[b]]
    if not turns:
        return f"Read correctly from epoch {epochs[0]} on." if right[epochs[0]] else "Never read correctly."
    said = [f"read correctly at epoch {epochs[0]}"] if right[epochs[0]] else []
    for epoch in turns:
        again = " again" if any("correctly" in part or "learnt" in part for part in said) else ""
        said.append(f"learnt{again} by epoch {epoch}" if right[epoch] else f"forgotten by {epoch}")
    words = ", ".join(said)
    return words[0].upper() + words[1:] + "."
