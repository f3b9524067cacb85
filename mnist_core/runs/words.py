"""Codes and stored sentences of runs, as they are shown: in the reader's language.

Files, JSON and the code's own logic keep the codes, and the sentences in English.
"""

import re

from mnist_core.language.messages import N_, Message, _, message

STATUS_WORDS = {
    "queued": N_("queued"),
    "training": N_("training"),
    "not responding": N_("not responding"),
    "stopped": N_("stopped"),
    "finished": N_("finished"),
    "failed": N_("failed"),
}
SETTINGS = {
    "name": N_("recipe"),
    "layers": N_("layers"),
    "optimizer": N_("optimizer"),
    "learning_rate": N_("learning rate"),
    "batch_size": N_("batch size"),
    "epochs": N_("epochs"),
    "validation": N_("validation"),
    "scaling": N_("scaling"),
    "schedule": N_("schedule"),
    "weight_decay": N_("weight decay"),
    "label_smoothing": N_("label smoothing"),
    "ema_momentum": N_("EMA momentum"),
    "augmentation": N_("augmentation"),
    "other_handwriting": N_("other handwriting"),
    "test_time_shifts": N_("test-time shifts"),
    "precision": N_("numeric precision"),
    "num_images": N_("training images"),
    "shuffled_labels": N_("shuffled labels"),
    "patience": N_("early stopping (patience)"),
    "seed": N_("seed"),
}
# What a run's log and its metrics say to people. It is written there in English.
DISK_FULL = N_("The disk is full. Make room, then resume the run: it continues from its last checkpoint.")
APP_ENDED = N_("The app that started this training has ended, and the training with it.")
WORKER_ENDED = N_("The cluster's worker that started this training has ended, and the training with it.")
GOES_ON = N_("The cluster goes on with this training: attempt {number}.")
OUT_OF_MEMORY = N_(
    "Memory ran out. Choose a smaller network, a smaller batch size or fewer training images, or close other "
    "programs, and start again."
)
ENDED_FROM_OUTSIDE = N_(
    "The training process was ended from outside (signal 9), perhaps because memory ran out. Then a smaller "
    "network, a smaller batch size or fewer training images can help, or closing other programs."
)
ENDED_BY_SIGNAL = N_("The training process ended with signal {number}.")
ENDED_WITH_STATUS = N_("The training process ended with exit status {number}.")
TIME_IS_UP = N_("It was stopped: on this server, a training may take at most {minutes} min.")
OTHER_IMAGES = N_(
    "Until now this run was trained on other images: on MNIST, or on the stand-in set. Bring them back, for "
    "instance with MNIST_DIR, and resume it, or start its recipe again."
)
NO_CHECKPOINT = N_("The checkpoint could not be read: the training begins anew.")
_SENTENCES = (
    DISK_FULL,
    APP_ENDED,
    WORKER_ENDED,
    GOES_ON,
    OUT_OF_MEMORY,
    ENDED_FROM_OUTSIDE,
    ENDED_BY_SIGNAL,
    ENDED_WITH_STATUS,
    NO_CHECKPOINT,
    OTHER_IMAGES,
    TIME_IS_UP,
)
# How Python, NumPy, TensorFlow, XLA, the C++ library and the system say that there is no memory left.
_NO_MEMORY = re.compile(
    "MemoryError|ResourceExhausted|RESOURCE_EXHAUSTED|bad_alloc|[Oo]ut of memory|Cannot allocate memory"
    "|Resource temporarily unavailable|failed to map segment"
)
_PATTERNS = {text: re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>\\d+)", re.escape(text))) for text in _SENTENCES}


def status_word(status: str) -> str:
    """A snapshot's status, one of STATUSES, as it is shown."""
    return _(STATUS_WORDS[status])


def status_message(status: str) -> Message:
    """The same, for a message that holds it."""
    return message(STATUS_WORDS[status])


def setting_word(name: str) -> str:
    """A field of a recipe as it is shown."""
    return _(SETTINGS[name])


def tells_of_no_memory(text: str) -> bool:
    """Whether a program's error says that memory ran out."""
    return _NO_MEMORY.search(text) is not None


def log_words(log: str) -> str:
    """What a training process printed, or a note in its metrics, with our own sentences translated."""
    return "\n".join(map(_line, log.split("\n")))


def own_sentence(log: str) -> str:
    """The last of our own sentences in what a training process printed, translated; "" if there is none."""
    said = [line for line in log.split("\n") if any(of.fullmatch(line) for of in _PATTERNS.values())]
    return _line(said[-1]) if said else ""


def _line(line: str) -> str:
    for text, pattern in _PATTERNS.items():
        if found := pattern.fullmatch(line):
            return _(text, **found.groupdict())
    return line
