"""Writes sound and spoilt classifiers with ONNX's own library, and says of each sound one that its checker agrees.

usage: spoilt_models.py FOLDER   (one JSON line a model: file, refusal or null, tensor or operator that is to be named)
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = Path(sys.argv[1])
SIZE = [2, 4, 4]


def classifier(opset=18, batch="N", before=(), more_weights=(), weight=None, bias=None, imports=()):
    """patch -> mean -> linear -> probabilities; `before` are nodes that turn `patch` into `seen`."""
    if weight is None:
        weight = numpy_helper.from_array(np.array([[0.0, 0.01]], np.float32), "weight")
    if bias is None:
        bias = numpy_helper.from_array(np.array([0.0, 3.0], np.float32), "bias")
    nodes = list(before) or [helper.make_node("Identity", ["patch"], ["seen"])]
    nodes += [
        helper.make_node("GlobalAveragePool", ["seen"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["flat"], axis=1),
        helper.make_node("Gemm", ["flat", "weight", "bias"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "classifier",
        [helper.make_tensor_value_info("patch", TensorProto.FLOAT, [batch, 1, *SIZE])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [batch, 2])],
        [weight, bias, *more_weights],
    )
    opsets = [helper.make_opsetid("", opset), *(helper.make_opsetid(domain, 1) for domain in imports)]
    return helper.make_model(graph, opset_imports=opsets, producer_name="onnx.helper", ir_version=8)


def tell(file, refusal=None, named=None):
    print(json.dumps({"file": file, "refusal": refusal, "named": named}))


def sound(name, model):
    onnx.checker.check_model(model, full_check=True)
    onnx.save_model(model, FOLDER / f"{name}.onnx")
    tell(f"{name}.onnx")


def spoilt(name, model, refusal, named=None):
    onnx.save_model(model, FOLDER / f"{name}.onnx")
    tell(f"{name}.onnx", f"VALIDATION_{refusal}", named)


def array(values, dtype=np.float32):
    return numpy_helper.from_array(np.array(values, dtype), "weight")


for opset in range(7, 25):
    sound(f"opset-{opset}", classifier(opset))
for opset in (6, 25, 26):
    spoilt(f"opset-{opset}", classifier(opset), "OPSET_UNSUPPORTED", str(opset))

bounds = [
    numpy_helper.from_array(np.array(value, np.float32), name) for name, value in (("low", -1000), ("high", np.inf))
]
clip = [helper.make_node("Clip", ["patch", "low", "high"], ["seen"])]
sound("infinite-bound", classifier(before=clip, more_weights=bounds))

gelu = [helper.make_node("Gelu", ["patch"], ["seen"], domain="com.microsoft")]
spoilt("microsoft", classifier(before=gelu, imports=["com.microsoft"]), "OPERATOR_NOT_STANDARD", "com.microsoft.Gelu")
scaler = [helper.make_node("Scaler", ["patch"], ["seen"], domain="ai.onnx.ml", offset=[0.0], scale=[1.0])]
spoilt("ml", classifier(before=scaler, imports=["ai.onnx.ml"]), "OPERATOR_NOT_STANDARD", "ai.onnx.ml.Scaler")

noise = [
    helper.make_node("RandomNormalLike", ["patch"], ["noise"]),
    helper.make_node("Add", ["patch", "noise"], ["seen"]),
]
spoilt("random", classifier(before=noise), "OPERATOR_RANDOM", "RandomNormalLike")
training = [numpy_helper.from_array(np.array(v, t), n) for n, v, t in (("rate", 0.5, np.float32), ("on", True, np.bool_))]
dropout = [helper.make_node("Dropout", ["patch", "rate", "on"], ["seen"])]
spoilt("dropout", classifier(before=dropout, more_weights=training), "OPERATOR_RANDOM", "Dropout")

onnx.save_model(
    classifier(), FOLDER / "external.onnx", save_as_external_data=True, location="external.bin", size_threshold=0
)
tell("external.onnx", "VALIDATION_EXTERNAL_DATA", "weight")

spoilt("nan", classifier(weight=array([[0.0, np.nan]])), "WEIGHTS_NOT_FINITE", "weight")
spoilt("infinite", classifier(weight=array([[-np.inf, 0.0]])), "WEIGHTS_NOT_FINITE", "weight")
listed = helper.make_tensor("bias", TensorProto.FLOAT, [2], [0.0, float("nan")])
spoilt("nan-listed", classifier(bias=listed), "WEIGHTS_NOT_FINITE", "bias")


def cast_weight(name, tensor):
    """A weight of lower precision, cast on its way to where it is used."""
    tensor.name = "small"
    model = classifier(more_weights=[tensor])
    del model.graph.initializer[0]
    model.graph.node.insert(0, helper.make_node("Cast", ["small"], ["weight"], to=TensorProto.FLOAT))
    return model


half = cast_weight("half", numpy_helper.from_array(np.array([[0.0, np.inf]], np.float16), "small"))
spoilt("half", half, "WEIGHTS_NOT_FINITE", "small")
sound("half-sound", cast_weight("half", numpy_helper.from_array(np.array([[0.0, 65504.0]], np.float16), "small")))
brain = helper.make_tensor("small", TensorProto.BFLOAT16, [1, 2], [0.0, float("nan")])
spoilt("bfloat16", cast_weight("bfloat16", brain), "WEIGHTS_NOT_FINITE", "small")


def branch(value, name):
    constant = helper.make_node("Constant", [], [f"{name}_slope"], value=array(value))
    product = helper.make_node("Mul", ["patch", f"{name}_slope"], [f"{name}_out"])
    out = helper.make_tensor_value_info(f"{name}_out", TensorProto.FLOAT, ["N", 1, *SIZE])
    return helper.make_graph([constant, product], name, [], [out])


truth = numpy_helper.from_array(np.array(True), "truth")
choice = [
    helper.make_node("If", ["truth"], ["seen"], then_branch=branch([1.0], "yes"), else_branch=branch([np.nan], "no"))
]
spoilt("branch", classifier(before=choice, more_weights=[truth]), "WEIGHTS_NOT_FINITE", "no_slope")

spoilt("batch", classifier(batch=4), "BATCH_FIXED", "patch")

(FOLDER / "cut.onnx").write_bytes(classifier().SerializeToString()[:-40])
tell("cut.onnx", "VALIDATION_MODEL_MALFORMED")
