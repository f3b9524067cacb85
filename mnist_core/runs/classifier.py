"""Images in, probabilities out, through LiteRT: without TensorFlow, in 50 MB instead of 500."""

import os
import threading

import numpy as np

from mnist_core.language.messages import message
from mnist_core.runs.errors import Damaged, RunError
from mnist_core.runs.run import Run
from mnist_core.runs.snapshot import snapshot_of
from mnist_core.runs.words import status_message

_CHUNK = 500
_FEW = 4  # images: for these, waking further threads takes longer than their help saves


class Classifier:
    """A run's model, loaded. Threads may share it; a lock serialises their calls."""

    def __init__(self, model: bytes) -> None:
        """`model` is the content of a model.tflite; ValueError if it is not valid."""
        self._lock = threading.Lock()
        self._for_few = _Interpreter(model, 1)
        self._for_many = _Interpreter(model, os.cpu_count())

    @classmethod
    def load(cls, run: Run) -> "Classifier":
        """The run's model. RunError if it has none yet or its file is damaged."""
        try:
            return cls(run.intact(run.lite_path).read_bytes())
        except Damaged:
            raise
        except FileNotFoundError as error:
            raise RunError(
                message(
                    "Run {run} has no model (status: {status}). Train it to its end, or choose another.",
                    run=run.id,
                    status=status_message(snapshot_of(run).status),
                )
            ) from error
        except (ValueError, RuntimeError) as error:
            raise RunError(
                message("The model of run {run} is damaged. Train it again, or choose another.", run=run.id)
            ) from error

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """float32 (n, 10) for images uint8 (n, 28, 28). ValueError for another shape or dtype.

        RunError if the model's training diverged, so that its outputs are not numbers.
        """
        images = np.asarray(images)
        if images.ndim != 3 or images.shape[1:] != (28, 28) or images.dtype != np.uint8:
            raise ValueError(
                message(
                    "The images are {dtype} {shape}; they must be uint8 (n, 28, 28).",
                    dtype=images.dtype,
                    shape=images.shape,
                )
            )
        chunks = [self._run(images[i : i + _CHUNK]) for i in range(0, len(images), _CHUNK)]
        return np.concatenate(chunks) if chunks else np.empty((0, 10), np.float32)

    def _run(self, images: np.ndarray) -> np.ndarray:
        interpreter = self._for_few if len(images) <= _FEW else self._for_many
        with self._lock:
            probabilities = interpreter.run(images.astype(np.float32))
        if not np.isfinite(probabilities).all():
            raise RunError(
                message(
                    "This model's answers are not numbers, because its training diverged. Choose another, or "
                    "train it with a smaller learning rate."
                )
            )
        return probabilities


class _Interpreter:
    """LiteRT's interpreter of a model with one input and one output."""

    def __init__(self, model: bytes, num_threads: int | None) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._made = Interpreter(model_content=model, num_threads=num_threads)
        self._input = self._made.get_input_details()[0]["index"]
        self._output = self._made.get_output_details()[0]["index"]
        self._batch_size = 0

    def run(self, images: np.ndarray) -> np.ndarray:
        """float32 (n, 10) for float32 (n, 28, 28)."""
        if len(images) != self._batch_size:
            self._made.resize_tensor_input(self._input, images.shape)
            self._made.allocate_tensors()
            self._batch_size = len(images)
        self._made.set_tensor(self._input, images)
        self._made.invoke()
        return self._made.get_tensor(self._output)
