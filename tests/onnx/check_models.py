"""Checks ONNX models with the official checker and runs them with ONNX Runtime for Python.

Reads a manifest (a list of {name, model, cases: [{inputs, outputs}]}) whose arrays lie in files beside it, and prints
one line of JSON a model: {name, opset, worst} or {name, error}; worst is the largest difference relative to the scale.
"""

import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime

DTYPES = {'float32': np.float32, 'int32': np.int32, 'bool': np.bool_}


def array(folder, port):
    return np.fromfile(folder / port['file'], DTYPES[port['dtype']]).reshape(port['shape'])


def difference(found, expected):
    if found.shape != expected.shape:
        raise ValueError(f'shape {found.shape}, expected {expected.shape}')
    if found.dtype != expected.dtype:
        raise ValueError(f'dtype {found.dtype}, expected {expected.dtype}')
    scale = max(1.0, float(np.abs(expected.astype(np.float64)).max(initial=0)))
    return float(np.abs(found.astype(np.float64) - expected.astype(np.float64)).max(initial=0)) / scale


def check(folder, entry):
    model = onnx.load(folder / entry['model'])
    onnx.checker.check_model(model, full_check=True)
    domains = {node.domain for node in model.graph.node} - {'', 'ai.onnx'}
    if domains:
        raise ValueError(f'operators of {domains}, which are not standard')
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(folder / entry['model']), options, providers=['CPUExecutionProvider'])
    worst = 0.0
    for case in entry['cases']:
        feeds = {port['name']: array(folder, port) for port in case['inputs']}
        names = [port['name'] for port in case['outputs']]
        for found, port in zip(session.run(names, feeds), case['outputs']):
            worst = max(worst, difference(found, array(folder, port)))
    return {'opset': model.opset_import[0].version, 'worst': worst}


def main():
    folder = pathlib.Path(sys.argv[1])
    onnxruntime.set_default_logger_severity(3)
    for entry in json.loads((folder / 'manifest.json').read_text()):
        try:
            answer = check(folder, entry)
        except Exception as error:  # every kind is an answer: the test shows it
            answer = {'error': f'{type(error).__name__}: {error}'[:2000]}
        print(json.dumps({'name': entry['name'], **answer}), flush=True)


main()
