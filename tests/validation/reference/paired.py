"""Two models on the same cases, by the definitions: every pair of cases is looked at, nothing is ranked.

Reads [{labels, first, second}, ...] and [[b, c], ...] and writes what each comparison gives.
"""
import json
import sys

import numpy as np
from scipy import stats


def kernel(positives, negatives):
    """psi of DeLong (1988), equation 2: [positives, negatives]."""
    x, y = np.asarray(positives)[:, None], np.asarray(negatives)[None, :]
    return np.where(y < x, 1.0, np.where(y == x, 0.5, 0.0))


def covariance(rows):
    """Sample covariance [2, 2] of two rows of components; one component alone has none."""
    return np.cov(rows, ddof=1) if rows.shape[1] > 1 else np.zeros((2, 2))


def delong(labels, first, second):
    """As pROC's roc.test(method = "delong", paired = TRUE): z of the difference by L S L' with L = (1, -1)."""
    labels = np.asarray(labels)
    psi = [kernel(np.asarray(s)[labels == 1], np.asarray(s)[labels == 0]) for s in (first, second)]
    v10 = np.array([p.mean(axis=1) for p in psi])
    v01 = np.array([p.mean(axis=0) for p in psi])
    s = covariance(v10) / v10.shape[1] + covariance(v01) / v01.shape[1]
    contrast = np.array([1.0, -1.0])
    difference = psi[0].mean() - psi[1].mean()
    variance = contrast @ s @ contrast
    sd = np.sqrt(max(variance, 0))
    z = difference / sd if sd > 0 else 0.0
    half = stats.norm.ppf(0.975) * sd
    return {
        "difference": difference,
        "variance": variance,
        "lower": max(-1, difference - half),
        "upper": min(1, difference + half),
        "p": 2 * stats.norm.sf(abs(z)),
    }


def mcnemar(b, c):
    n = b + c
    if n == 0:
        return 1.0
    if n < 25:
        return stats.binomtest(b, n, 0.5, alternative="two-sided").pvalue
    # R's mcnemar.test: no correction where there is nothing to correct.
    return stats.chi2.sf(0.0 if b == c else (abs(b - c) - 1) ** 2 / n, 1)


asked = json.load(sys.stdin)
json.dump(
    {
        "delong": [delong(**case) for case in asked["delong"]],
        "mcnemar": [mcnemar(b, c) for b, c in asked["mcnemar"]],
        "normal": [2 * stats.norm.sf(z) for z in asked["normal"]],
    },
    sys.stdout,
)
