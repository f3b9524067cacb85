from dataclasses import dataclass
import numpy as np
@dataclass(frozen=True)
class Split:
    images: np.ndarray
    labels: np.ndarray
