"""Made problems: Gaussian mixtures of known posterior, raw counts, MNIST-1D."""

import numpy as np
from problems import Problem
from scipy.special import logsumexp, softmax


def mixture(
    n_rows: int,
    n_classes: int,
    n_features: int,
    *,
    per_class: int = 2,
    spread: float = 1.5,
    seed: int = 0,
) -> Problem:
    """Several Gaussian blobs a class, classes uneven, features in odd units."""
    rng = np.random.default_rng(seed)
    share = 0.7 * rng.dirichlet(np.full(n_classes, 3.0)) + 0.3 / n_classes
    centres = rng.normal(scale=spread, size=(n_classes, per_class, n_features))
    unit = rng.lognormal(sigma=3.0, size=n_features)
    zero = 10.0 * unit * rng.normal(size=n_features)
    codes = rng.choice(n_classes, n_rows, p=share)
    blobs = centres[codes, rng.integers(per_class, size=n_rows)]
    X = (blobs + rng.normal(size=blobs.shape)) * unit + zero

    def posterior(rows: np.ndarray) -> np.ndarray:
        plain = (rows - zero) / unit
        flat = centres.reshape(-1, n_features)
        # The square of a row itself is the same for every class.
        scores = plain @ flat.T - 0.5 * (flat**2).sum(axis=1)
        scores = scores.reshape(len(rows), n_classes, per_class)
        return softmax(logsumexp(scores, axis=2) + np.log(share), axis=1)

    return Problem(X, codes, list(range(n_classes)), posterior=posterior)


def counts(n_rows: int = 3000, n_classes: int = 8, n_features: int = 60) -> Problem:
    """Raw overdispersed counts, as of reads by gene, with uneven library sizes."""
    rng = np.random.default_rng(1)
    share = rng.dirichlet(np.full(n_classes, 2.0))
    base = rng.normal(0.5, 1.5, size=n_features)
    change = rng.normal(scale=1.0, size=(n_classes, n_features))
    change *= rng.random(change.shape) < 0.2
    codes = rng.choice(n_classes, n_rows, p=share)
    library = rng.normal(scale=0.8, size=(n_rows, 1))
    rate = np.exp(base + change[codes] + library)
    noisy = rate * rng.gamma(1.0, 1.0, size=rate.shape)
    return Problem.read(rng.poisson(noisy), codes)


def lognormal_units() -> Problem:
    """Features that are powers of what tells the classes apart."""
    plain = mixture(2500, 5, 12, spread=0.8, seed=5)
    X = (plain.X - plain.X.mean(axis=0)) / plain.X.std(axis=0)
    power = np.random.default_rng(5).uniform(0.5, 3.0, size=X.shape[1])
    return Problem(np.exp(power * X), plain.y, plain.order)


def mnist1d() -> Problem:
    """Generate MNIST-1D anew, each class a fifth rarer than the one before."""
    from mnist1d.data import get_dataset_args, make_dataset

    state = np.random.get_state()  # noqa: NPY002 - it seeds numpy's global generator
    made = make_dataset(get_dataset_args())
    np.random.set_state(state)  # noqa: NPY002 - see above
    X = np.concatenate([made["x"], made["x_test"]])
    y = np.concatenate([made["y"], made["y_test"]])
    kept = np.random.default_rng(0).random(len(y)) < 0.8**y
    return Problem.read(X[kept], y[kept])
