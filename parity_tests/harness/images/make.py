"""Cut the crops that this folder ships: `python make.py`, with scikit-image and scikit-learn installed.

Run once, by hand; the suite reads images.npz only.
"""

from pathlib import Path

import numpy as np


def main() -> None:
    """Write images.npz."""
    from skimage import data
    from sklearn.datasets import load_digits

    digits = load_digits()
    np.savez_compressed(
        Path(__file__).parent / "images.npz",
        camera=data.camera()[95:185, 205:325],  # (90, 120): face and camera
        astronaut=data.astronaut()[40:130, 160:280],  # (90, 120, 3): face and badge
        digits=digits.images[:200].astype(np.uint8),  # (200, 8, 8), 0 ... 16
        digit_labels=digits.target[:200].astype(np.int64),
    )


if __name__ == "__main__":
    main()
