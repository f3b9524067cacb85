"""When an image was learnt and forgotten during training."""

from collections.abc import Mapping
from itertools import pairwise

from mnist_core.language.messages import Message, message, sentences


def learnt_when(right: Mapping[int, bool]) -> str:
    """When an image was learnt and forgotten, as a sentence; `right` says for each epoch if it was correct."""
    epochs = sorted(right)
    first, turns = epochs[0], [b for a, b in pairwise(epochs) if right[a] != right[b]]
    if not turns and right[first]:
        return str(message("Read correctly from epoch {epoch} on.", epoch=first))
    if not turns:
        return str(message("Never read correctly."))
    begin = [message("Read correctly at epoch {epoch}.", epoch=first)] if right[first] else []
    known = [right[first], *(True for _ in turns)]  # whether it had been read correctly before
    return str(sentences([*begin, *(_turn(turn, right[turn], was) for turn, was in zip(turns, known))]))


def _turn(epoch: int, is_right: bool, was_right_before: bool) -> Message:
    if not is_right:
        return message("Forgotten by epoch {epoch}.", epoch=epoch)
    if was_right_before:
        return message("Learnt again by epoch {epoch}.", epoch=epoch)
    return message("Learnt by epoch {epoch}.", epoch=epoch)
