"""What a step reads from its runs and images: an outcome, which says whether a guess was right, and numbers.

READINGS has them by name. Each is a function of the evidence; its outcome is an option of the step's question.
"""

from collections.abc import Callable

from mnist_core.lessons import answer_readings, curve_readings, data_readings, run_readings
from mnist_core.lessons.evidence import Evidence, Reading

READINGS: dict[str, Callable[[Evidence], Reading]] = {
    reading.__name__: reading
    for reading in (
        data_readings.arrays,
        data_readings.label,
        data_readings.ones,
        data_readings.most_frequent,
        data_readings.parameters,
        curve_readings.val_loss,
        curve_readings.lowest_val_loss,
        curve_readings.gap,
        curve_readings.training_below,
        curve_readings.jumps,
        curve_readings.memorised,
        answer_readings.test_accuracy,
        answer_readings.test_errors,
        answer_readings.beside_published,
        answer_readings.answer,
        answer_readings.one_digit,
        answer_readings.digit_misread,
        answer_readings.crowd,
        answer_readings.shift,
        run_readings.second_run,
        run_readings.early_stopping,
        run_readings.learnt,
        run_readings.story,
        run_readings.best_of,
        run_readings.taught,
    )
}
