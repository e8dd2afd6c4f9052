"""The rules of LUNA16's evaluation script (noduleCADEvaluationLUNA16.py), stated anew as plainly as they can be.

It works as the script does: rows of text searched once for each scan, scikit-learn's roc_curve, a resample made by
appending one drawn scan after the other. What it does otherwise is marked with "unlike the script".

    luna16_froc.py cases                                             JSON cases on stdin, JSON answers on stdout
    luna16_froc.py files ANNOTATIONS EXCLUDED SERIES RESULTS OUT     the challenge's files, without a bootstrap
    luna16_froc.py worker ANNOTATIONS EXCLUDED SERIES RESULTS        answers a line of JSON with a timed piece of work
"""

import csv
import json
import math
import os
import sys
import time
import warnings

import numpy as np
from sklearn.metrics import roc_curve

MOST_MARKS = 100
MISSED = -1000000000.0
CONFIDENCE = 0.95
SCORE_RATES = [0.125, 0.25, 0.5, 1, 2, 4, 8]
BAND_RATES = np.linspace(0.125, 8, num=10000)


class Finding:
    def __init__(self, x, y, z, diameter, included):
        self.x, self.y, self.z = x, y, z
        self.diameter = diameter
        self.included = included


class Mark:
    def __init__(self, x, y, z, probability):
        self.x, self.y, self.z = x, y, z
        self.probability = probability


def read_rows(path):
    with open(path, newline="") as file:
        return list(csv.reader(file))


def findings_of(series, annotations, excluded):
    found = []
    for table, included in ((annotations, True), (excluded, False)):
        header = table[0]
        for row in table[1:]:
            if row[header.index("seriesuid")] == series:
                place = (row[header.index(name)] for name in ("coordX", "coordY", "coordZ", "diameter_mm"))
                found.append(Finding(*place, included))
    return found


def marks_of(series, results):
    header = results[0]
    marks = []
    for row in results[1:]:
        if row[header.index("seriesuid")] == series:
            marks.append(Mark(*(row[header.index(name)] for name in ("coordX", "coordY", "coordZ", "probability"))))
    return best_marks(marks)


def best_marks(marks):
    """Above the probability of the 101st, so that a tie at the hundredth place drops all that are tied."""
    if len(marks) <= MOST_MARKS:
        return marks
    ranked = sorted((float(mark.probability) for mark in marks), reverse=True)
    return [mark for mark in marks if float(mark.probability) > ranked[MOST_MARKS]]


def is_in(mark, finding):
    diameter = float(finding.diameter)
    if diameter < 0:
        diameter = 10.0
    squared = (
        math.pow(float(finding.x) - float(mark.x), 2)
        + math.pow(float(finding.y) - float(mark.y), 2)
        + math.pow(float(finding.z) - float(mark.z), 2)
    )
    return squared < math.pow(diameter / 2, 2)


class Vectors:
    """One entry for each nodule and each false positive, in the order of the scans."""

    def __init__(self):
        self.truth, self.probability, self.series, self.missed = [], [], [], []
        self.counts = {"hits": 0, "falsePositives": 0, "inExcluded": 0, "doubles": 0, "kept": 0}

    def add(self, truth, probability, series, missed):
        self.truth.append(truth)
        self.probability.append(probability)
        self.series.append(series)
        self.missed.append(missed)


def evaluate(all_series, findings, marks):
    vectors = Vectors()
    counts = vectors.counts
    for series in all_series:
        rest = dict(enumerate(marks[series]))
        counts["kept"] += len(rest)
        for finding in findings[series]:
            inside = [(key, mark) for key, mark in enumerate(marks[series]) if is_in(mark, finding)]
            if finding.included:
                counts["doubles"] += max(0, len(inside) - 1)
                if inside:
                    counts["hits"] += 1
                    vectors.add(1.0, max(float(mark.probability) for _, mark in inside), series, False)
                else:
                    vectors.add(1.0, MISSED, series, True)
            for key, _ in inside:
                removed = rest.pop(key, None)
                if removed is not None and not finding.included:
                    counts["inExcluded"] += 1
        for mark in rest.values():
            counts["falsePositives"] += 1
            vectors.add(0.0, float(mark.probability), series, False)
    return vectors


def froc(truth, probability, missed, scans):
    """False positives a scan, sensitivity and threshold at each corner."""
    kept_truth, kept_probability = [], []
    for i in range(len(missed)):
        if missed[i] == False:  # noqa: E712 (an array of numbers in a resample)
            kept_truth.append(truth[i])
            kept_probability.append(probability[i])
    detected, lesions, candidates = sum(kept_truth), sum(truth), len(kept_truth)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fpr, tpr, thresholds = roc_curve(kept_truth, kept_probability)
    if sum(truth) == len(truth):
        rates = np.zeros(len(fpr))
    else:
        rates = fpr * (candidates - detected) / scans
    # Unlike the script: where not one nodule is hit, the true positive rate is NaN there; none found is 0.
    sensitivities = (tpr * detected) / lesions if detected else np.zeros(len(tpr))
    return rates, sensitivities, thresholds


def entries_of_scans(vectors):
    table = np.concatenate(([vectors.truth], [vectors.probability], [vectors.missed]), axis=0)
    of_scan = {}
    for i, series in enumerate(vectors.series):
        entry = table[:, i : i + 1]
        of_scan[series] = np.copy(entry) if series not in of_scan else np.concatenate((of_scan[series], entry), axis=1)
    return of_scan


def resample(of_scan, drawn):
    entries = None
    for series in drawn:
        if series in of_scan:
            scan = of_scan[series]
            entries = np.copy(scan) if entries is None else np.concatenate((entries, scan), axis=1)
    return entries


def resampled_curve(of_scan, drawn):
    entries = resample(of_scan, drawn)
    # Unlike the script: it stops with an error where no mark is left, and divides by none where there is no nodule.
    if entries is None or not entries[0].any():
        return None
    if entries[2].all():
        return np.zeros(1), np.zeros(1)
    rates, sensitivities, _ = froc(entries[0, :], entries[1, :], entries[2, :], len(drawn))
    return rates, sensitivities


def summary(columns, confidence=CONFIDENCE):
    """Mean and the order statistics of each column of [resamples, columns]."""
    tail = (1.0 - confidence) / 2.0
    result = []
    for c in range(columns.shape[1]):
        values = columns[:, c]
        values.sort()
        low, high = int(math.floor(tail * len(values))), int(math.floor((1.0 - tail) * len(values)))
        result.append((float(np.average(values)), float(values[low]), float(values[high])))
    return result


def resampled_curves(vectors, all_series, draws):
    of_scan = entries_of_scans(vectors)
    curves = [resampled_curve(of_scan, [all_series[i] for i in drawn]) for drawn in draws]
    return [curve for curve in curves if curve is not None]


def bounds(curves, rates, dtype):
    columns = np.zeros((len(curves), len(rates)), dtype=dtype)
    scores = np.zeros((len(curves), 1))
    for i, curve in enumerate(curves):
        columns[i, :] = np.interp(rates, *curve)
        scores[i, 0] = np.mean(np.interp(SCORE_RATES, *curve))
    return summary(columns), summary(scores)[0]


def answer_case(case):
    names = [str(i) for i in range(len(case["scans"]))]
    findings, marks = {}, {}
    for name, scan in zip(names, case["scans"]):
        findings[name] = [Finding(*f, True) for f in scan["nodules"]] + [Finding(*f, False) for f in scan["excluded"]]
        marks[name] = best_marks([Mark(*mark) for mark in scan["marks"]])
    vectors = evaluate(names, findings, marks)
    answer = {"counts": vectors.counts, "truth": vectors.truth, "probability": vectors.probability}
    if all(vectors.missed) or not any(vectors.truth):
        return {**answer, "curve": None}
    rates, sensitivities, thresholds = froc(vectors.truth, vectors.probability, vectors.missed, len(names))
    at = np.interp(SCORE_RATES, rates, sensitivities)
    answer.update(curve=np.stack([rates, sensitivities]).tolist(), thresholds=thresholds[1:].tolist())
    answer.update(sensitivities=at.tolist(), cpm=float(np.mean(at)))
    if case["draws"]:
        if isinstance(case["draws"], int):  # as the script draws them
            random = np.random.RandomState(1)
            case["draws"] = [random.randint(len(names), size=len(names)) for _ in range(case["draws"])]
        curves = resampled_curves(vectors, names, case["draws"])
        bands = {dtype: bounds(curves, BAND_RATES[::500], dtype) for dtype in ("float64", "float32")}
        answer.update(band=bands["float64"][0], band32=bands["float32"][0], score=bands["float64"][1])
    return answer


def load(annotations, excluded, series, results):
    tables = [read_rows(path) for path in (annotations, excluded, results)]
    all_series = [row[0] for row in read_rows(series)]
    findings = {one: findings_of(one, tables[0], tables[1]) for one in all_series}
    return all_series, findings, tables[2]


def write_files(annotations, excluded, series, results, out):
    all_series, findings, rows = load(annotations, excluded, series, results)
    vectors = evaluate(all_series, findings, {one: marks_of(one, rows) for one in all_series})
    name = os.path.splitext(os.path.basename(results))[0]
    rates, sensitivities, thresholds = froc(vectors.truth, vectors.probability, vectors.missed, len(all_series))
    with open(os.path.join(out, f"froc_{name}.txt"), "w") as file:
        for point in zip(rates, sensitivities, thresholds):
            file.write("%.9f,%.9f,%.9f\n" % point)
    with open(os.path.join(out, f"froc_gt_prob_vectors_{name}.csv"), "w") as file:
        for entry in zip(vectors.truth, vectors.probability):
            file.write("%d,%.9f\n" % entry)
    print(json.dumps({"cpm": float(np.mean(np.interp(SCORE_RATES, rates, sensitivities))), "counts": vectors.counts}))


def work(annotations, excluded, series, results):
    """Each part as often as asked for, with its time; what one part needs of another is made ahead, untimed."""
    begun = time.perf_counter()
    all_series, findings, rows = load(annotations, excluded, series, results)
    loaded = time.perf_counter() - begun
    header, by_series = rows[0], {one: [] for one in all_series}
    for row in rows[1:]:
        by_series[row[header.index("seriesuid")]].append(row)
    marks = {one: marks_of(one, [header] + by_series[one]) for one in all_series}
    begun = time.perf_counter()
    vectors = evaluate(all_series, findings, marks)
    evaluated = time.perf_counter() - begun
    begun = time.perf_counter()
    of_scan = entries_of_scans(vectors)
    grouped = time.perf_counter() - begun
    print(json.dumps({"name": "Python", "load": loaded, "evaluate": evaluated, "group": grouped}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        begun = time.perf_counter()
        answer = {}
        if request["part"] == "marks":  # of some scans, as the script looks for them
            for one in all_series[: request["scans"]]:
                marks_of(one, rows)
        elif request["part"] == "resamples":
            for drawn in request["draws"]:
                curve = resampled_curve(of_scan, [all_series[i] for i in drawn])
            answer["cpm"] = float(np.mean(np.interp(SCORE_RATES, *curve)))
        elif request["part"] == "band":  # all resamples alike: interpolation and sorting take the same time
            curve = resampled_curve(of_scan, all_series)
            begun = time.perf_counter()
            columns = np.zeros((request["resamples"], len(BAND_RATES)), dtype="float32")
            for i in range(request["resamples"]):
                columns[i, :] = np.interp(BAND_RATES, *curve)
            summary(columns)
        print(json.dumps({"seconds": time.perf_counter() - begun, **answer}), flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "cases":
        json.dump([answer_case(case) for case in json.load(sys.stdin)], sys.stdout)
    elif sys.argv[1] == "files":
        write_files(*sys.argv[2:])
    else:
        work(*sys.argv[2:])
