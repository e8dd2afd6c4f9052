"""Answers many cases at once with scikit-learn and scipy: JSON in on standard input, JSON out.

What scikit-learn lacks is written out from its definition in numpy, slowly and plainly. What is not defined is null.
"""

import json
import sys
import warnings

import numpy as np
from scipy import optimize, special, stats
from sklearn import metrics
from sklearn.calibration import calibration_curve

warnings.filterwarnings("ignore")


def delong(y, s):
    x, z = s[y == 1], s[y == 0]
    above = (x[:, None] > z[None, :]) + 0.5 * (x[:, None] == z[None, :])
    v10, v01 = above.mean(axis=1), above.mean(axis=0)
    spread = lambda v: v.var(ddof=1) if len(v) > 1 else 0.0
    variance = spread(v10) / len(x) + spread(v01) / len(z)
    half = stats.norm.ppf(0.975) * np.sqrt(variance)
    area = above.mean()
    return {"auc": area, "variance": variance, "lower": max(0, area - half), "upper": min(1, area + half)}


def wilson(k, n):
    interval = stats.binomtest(int(k), int(n)).proportion_ci(0.95, method="wilson")
    return {"lower": interval.low, "upper": interval.high}


def at_threshold(y, s, t):
    called = (s >= t).astype(int)
    tn, fp, fn, tp = metrics.confusion_matrix(y, called, labels=[0, 1]).ravel()
    constant = len(set(called)) == 1 or len(set(y)) == 1
    return {
        "confusion": [tp, fp, tn, fn],
        "f1": metrics.f1_score(y, called, zero_division=np.nan),
        "mcc": None if constant else metrics.matthews_corrcoef(y, called),
        "balancedAccuracy": metrics.balanced_accuracy_score(y, called) if len(set(y)) == 2 else None,
        "ppv": metrics.precision_score(y, called, zero_division=np.nan),
        "sensitivity": wilson(tp, tp + fn) if tp + fn else None,
    }


def calibration_error(y, s, bins, strategy):
    if strategy == "uniform":
        edges = np.linspace(0.0, 1.0, bins + 1)
    else:
        edges = np.percentile(s, np.linspace(0, 1, bins + 1) * 100)
        rounded = edges.copy()
        # Where a quantile is exactly a score, numpy's 0.7 * 360 = 251.99999999999997 misses it; whole numbers do not.
        for b in range(1, bins):
            rank, rest = divmod((len(s) - 1) * b, bins)
            if rest == 0:
                edges[b] = np.sort(s)[rank]
    ids = np.searchsorted(edges[1:-1], s)
    filled = [b for b in range(bins) if (ids == b).any()]
    observed = np.array([y[ids == b].mean() for b in filled])
    predicted = np.array([s[ids == b].mean() for b in filled])
    if strategy == "uniform" or (np.searchsorted(rounded[1:-1], s) == ids).all():
        theirs = calibration_curve(y, s, n_bins=bins, strategy=strategy)
        assert np.allclose(theirs, [observed, predicted], rtol=0, atol=1e-12)
    sizes = np.array([(ids == b).sum() for b in filled])
    return {
        "sizes": sizes,
        "observed": observed,
        "predicted": predicted,
        "error": (sizes * np.abs(observed - predicted)).sum() / len(s),
    }


def brier_parts(y, s, bins):
    ids = np.searchsorted(np.linspace(0.0, 1.0, bins + 1)[1:-1], s)
    n, base = len(y), y.mean()
    rel = res = wbv = wbc = 0.0
    for b in set(ids):
        f, o = s[ids == b], y[ids == b]
        rel += len(f) * (f.mean() - o.mean()) ** 2 / n
        res += len(f) * (o.mean() - base) ** 2 / n
        wbv += ((f - f.mean()) ** 2).sum() / n
        wbc += 2 * ((o - o.mean()) * (f - f.mean())).sum() / n
    return {"reliability": rel, "resolution": res, "uncertainty": base * (1 - base), "withinBins": wbv - wbc}


def recalibration(y, s, clusters):
    """Maximum likelihood by scipy's root finders, not by Newton's steps; the sandwich as matrices."""
    x = special.logit(np.clip(s, 1e-7, 1 - 1e-7))
    excess = lambda a: (y - special.expit(a + x)).sum()
    intercept = optimize.brentq(excess, -60, 60, xtol=1e-14, rtol=1e-14)
    out = {"intercept": robust(intercept, 0, y, np.ones((len(y), 1)), special.expit(intercept + x), clusters)}
    separated = x[y == 1].min() >= x[y == 0].max() or x[y == 0].min() >= x[y == 1].max()
    if separated:
        return {**out, "slope": {"value": None, "interval": None}}
    design = np.column_stack([np.ones_like(x), x - x.mean()])
    gradient = lambda beta: design.T @ (y - special.expit(design @ beta))
    loss = lambda beta: np.logaddexp(0, design @ beta).sum() - (y * (design @ beta)).sum()
    start = optimize.minimize(loss, [0.0, 0.0], jac=lambda beta: -gradient(beta), method="BFGS").x
    beta = optimize.root(gradient, start, tol=1e-14).x
    return {**out, "slope": robust(beta[1], 1, y, design, special.expit(design @ beta), clusters)}


def robust(value, column, y, design, p, clusters):
    """Liang and Zeger's sandwich: bread of the information, meat of the scores of each cluster."""
    bread = np.linalg.inv(design.T @ (design * (p * (1 - p))[:, None]))
    scores = design * (y - p)[:, None]
    names = set(clusters)
    if len(names) < 2:
        return {"value": value, "interval": None}
    sums = np.array([scores[clusters == g].sum(axis=0) for g in names])
    g = len(names)
    variance = (bread @ (sums.T @ sums) @ bread)[column, column] * g / (g - 1)
    half = stats.t.ppf(0.975, g - 1) * np.sqrt(variance)
    return {"value": value, "interval": {"lower": value - half, "upper": value + half}}


def net_benefit(y, s, thresholds):
    n = len(y)
    return [((s >= t) & (y == 1)).sum() / n - ((s >= t) & (y == 0)).sum() / n * t / (1 - t) for t in thresholds]


def binary(case):
    y, s = np.array(case["labels"]), np.array(case["scores"], dtype=float)
    out = {"at": [at_threshold(y, s, t) for t in case["thresholds"]]}
    if s.min() >= 0 and s.max() <= 1:
        out["uniform"] = [calibration_error(y, s, bins, "uniform") for bins in case["bins"]]
        out["quantile"] = [calibration_error(y, s, bins, "quantile") for bins in case["bins"]]
        out["brier"] = ((s - y) ** 2).mean()
        if len(set(y)) == 2:
            assert np.isclose(out["brier"], metrics.brier_score_loss(y, s))
        out["brierParts"] = [brier_parts(y, s, bins) for bins in case["bins"]]
        out["netBenefit"] = net_benefit(y, s, case["probabilities"])
    if y.sum() > 0:
        out["averagePrecision"] = metrics.average_precision_score(y, s)
        precision, recall, _ = metrics.precision_recall_curve(y, s)
        # Rising threshold, ended by (1, 0): turned round, and where the recall grows.
        precision, recall = precision[::-1], recall[::-1]
        grows = np.flatnonzero(np.diff(recall) > 0) + 1
        out["precisionRecall"] = [[recall[i], precision[i]] for i in grows]
    if len(set(y)) == 2:
        out["auc"] = metrics.roc_auc_score(y, s)
        out["partialAuc"] = [metrics.roc_auc_score(y, s, max_fpr=rate) for rate in case["rates"]]
        out["delong"] = delong(y, s)
        fpr, tpr, thresholds = metrics.roc_curve(y, s, drop_intermediate=False)
        out["roc"] = [fpr, tpr, [None, *thresholds[1:]]]
        out["mannWhitney"] = stats.mannwhitneyu(s[y == 1], s[y == 0]).statistic / ((y == 1).sum() * (y == 0).sum())
        if "uniform" in out:
            out["recalibration"] = recalibration(y, s, np.array(case["clusters"]))
    return out


def multiclass(case):
    y, p = np.array(case["labels"]), np.array(case["probabilities"], dtype=float)
    classes = list(range(p.shape[1]))
    called = p.argmax(axis=1)
    hot = np.eye(len(classes))[y]
    present = set(y) == set(classes)
    return {
        "confusion": metrics.confusion_matrix(y, called, labels=classes),
        "accuracy": metrics.accuracy_score(y, called),
        "brier": ((p - hot) ** 2).sum(axis=1).mean(),
        "logLoss": metrics.log_loss(y, p, labels=classes),
        "kappa": metrics.cohen_kappa_score(y, called, labels=classes, weights="quadratic"),
        "oneVsRest": [
            metrics.roc_auc_score(y == k, p[:, k]) if 0 < (y == k).sum() < len(y) else None for k in classes
        ],
        "macro": metrics.roc_auc_score(y, p, multi_class="ovr", labels=classes) if present else None,
        "handTill": metrics.roc_auc_score(y, p, multi_class="ovo", labels=classes) if present else None,
    }


def plain(value):
    if isinstance(value, dict):
        return {key: plain(v) for key, v in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(v) for v in value]
    if isinstance(value, (np.integer, np.bool_)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else None
    return value


asked = json.load(sys.stdin)
json.dump(
    {
        "binary": [plain(binary(case)) for case in asked.get("binary", [])],
        "multiclass": [plain(multiclass(case)) for case in asked.get("multiclass", [])],
    },
    sys.stdout,
)
