"""The networks of network.ts in PyTorch: the peer that gradients and training are held to.

Usage: torch_networks.py FOLDER. Reads FOLDER/job.json and FOLDER/arrays.f32, and writes FOLDER/answers.json and
FOLDER/answers.f64. Every task is computed in the variants it asks for: float64 (the truth, nearly), and
float32 by oneDNN's kernels or by PyTorch's own, whose distances from the truth are what float32 costs; and float32
from parameters a little beside the given ones, which shows what training makes of a rounding.
"""

import json
import pathlib
import sys

import numpy as np
import torch
from torch.nn import functional as F

EPSILON = 1e-5
VARIANTS = {
    'float64': (torch.float64, True),
    'float32': (torch.float32, True),
    'float32 without oneDNN': (torch.float32, False),
    **{f'float32 perturbed {i}': (torch.float32, True) for i in (1, 2, 3)},
}
# Of a perturbed variant's first parameters, relative: what one layer's rounding may make of any value.
PERTURBATION = 2**-22


def apply_layers(layers, x, parameters):
    for layer in layers:
        x = LAYERS[layer['kind']](x, layer, parameters)
    return x


def channels_first(work):
    """Activations are [batch, ...spatial, channels] between layers."""
    return lambda x, layer, parameters: work(x.movedim(-1, 1), layer, parameters).movedim(1, -1)


def padded_same(x, kernel, stride, pad, value=0.0):
    """TensorFlow's `same`: as many outputs as strides fit, what is odd goes to the far side."""
    if pad == 'valid':
        return x
    pads = []
    for size, width in zip(reversed(x.shape[2:]), reversed(kernel)):
        total = max((-(-size // stride) - 1) * stride + width - size, 0)
        pads += [total // 2, total - total // 2]
    return F.pad(x, pads, value=value)


def conv(x, layer, parameters):
    filters = parameters[layer['filter']]
    rank = filters.dim() - 2
    x = padded_same(x, filters.shape[:rank], layer['stride'], layer['pad'])
    convolve = (F.conv1d, F.conv2d, F.conv3d)[rank - 1]
    bias = parameters[layer['bias']] if 'bias' in layer else None
    return convolve(x, filters.permute(rank + 1, rank, *range(rank)), bias, layer['stride'])


def max_pool(x, layer, parameters):
    rank = x.dim() - 2
    x = padded_same(x, [layer['size']] * rank, layer['stride'], layer['pad'], -float('inf'))
    return (F.max_pool1d, F.max_pool2d, F.max_pool3d)[rank - 1](x, layer['size'], layer['stride'])


def average_pool(x, layer, parameters):
    assert layer['pad'] == 'valid'
    return (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)[x.dim() - 3](x, layer['size'], layer['stride'])


def batch_norm(x, layer, parameters):
    scale, offset = parameters[layer['scale']], parameters[layer['offset']]
    return F.batch_norm(x, None, None, scale, offset, training=True, eps=EPSILON)


def layer_norm(x, layer, parameters):
    return F.layer_norm(x, x.shape[-1:], parameters[layer['scale']], parameters[layer['offset']], EPSILON)


def attention(x, layer, parameters):
    batch, tokens, width = x.shape
    heads = layer['heads']

    def by_head(name):
        return (x @ parameters[layer[name]]).reshape(batch, tokens, heads, width // heads).transpose(1, 2)

    scores = by_head('query') @ by_head('key').transpose(2, 3) / (width // heads) ** 0.5
    mixed = (scores.softmax(-1) @ by_head('value')).transpose(1, 2)
    return mixed.reshape(batch, tokens, width) @ parameters[layer['output']]


LAYERS = {
    'clip': lambda x, layer, _: x.clamp(layer['min'], layer['max']),
    'affine': lambda x, layer, parameters: x * parameters[layer['scale']] + parameters[layer['offset']],
    'batchNorm': channels_first(batch_norm),
    'layerNorm': layer_norm,
    'conv': channels_first(conv),
    'maxPool': channels_first(max_pool),
    'averagePool': channels_first(average_pool),
    'relu': lambda x, *_: x.relu(),
    'gelu': lambda x, *_: F.gelu(x),
    'flatten': lambda x, *_: x.flatten(1),
    'spatialMean': lambda x, *_: x.flatten(1, -2).mean(1),
    'linear': lambda x, layer, parameters: x @ parameters[layer['weights']] + parameters[layer['bias']],
    'attention': attention,
    'sum': lambda x, layer, parameters: sum(apply_layers(branch, x, parameters) for branch in layer['branches']),
}


def loss_of(logits, target):
    """Cross-entropy for labels, the weighted sum for weights."""
    if target.dim() == 1:
        return F.cross_entropy(logits, target.long())
    return (logits * target).sum()


def differentiate(task, x, target, parameters):
    names = [*parameters]
    logits = apply_layers(task['layers'], x, parameters)
    loss = loss_of(logits, target)
    gradients = torch.autograd.grad(loss, [x, *parameters.values()])
    return {'logits': logits, 'loss': loss, **dict(zip(['gradient of x', *(f'gradient of {n}' for n in names)], gradients))}


def train(task, x, target, parameters):
    options = dict(task['optimizer'])
    kind, steps = options.pop('kind'), task['steps']
    optimizer = {'sgd': torch.optim.SGD, 'adam': torch.optim.Adam, 'adamw': torch.optim.AdamW}[kind](
        parameters.values(), **options
    )
    size = task['batchSize']
    losses = []
    for step in range(steps):
        start = step * size % len(x)
        optimizer.zero_grad()
        loss = loss_of(apply_layers(task['layers'], x[start : start + size], parameters), target[start : start + size])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return {'losses': torch.tensor(losses, dtype=torch.float64), **parameters}


def perform(task, arrays, dtype, noise):
    def of(index, differentiable):
        return torch.from_numpy(arrays[index]).to(dtype, copy=True).requires_grad_(differentiable)

    parameters = {name: of(index, True) for name, index in task['parameters'].items()}
    if noise is not None:
        with torch.no_grad():
            for parameter in parameters.values():
                parameter *= torch.from_numpy(1 + PERTURBATION * noise.standard_normal(parameter.shape)).to(dtype)
    work = train if 'optimizer' in task else differentiate
    return work(task, of(task['x'], work is differentiate), of(task['target'], False), parameters)


def main(folder):
    job = json.loads((folder / 'job.json').read_text())
    # Two would wait for each other in a loop where the machine has other work.
    torch.set_num_threads(1)
    values = np.fromfile(folder / 'arrays.f32', np.float32)
    arrays = []
    at = 0
    for shape in job['shapes']:
        size = int(np.prod(shape))
        arrays.append(values[at : at + size].reshape(shape))
        at += size

    answers, at = [], 0
    with open(folder / 'answers.f64', 'wb') as file:
        for task in job['tasks']:
            for variant in task['variants']:
                dtype, onednn = VARIANTS[variant]
                noise = np.random.default_rng(int(variant[-1])) if 'perturbed' in variant else None
                with torch.backends.mkldnn.flags(enabled=onednn):
                    results = perform(task, arrays, dtype, noise)
                for name, result in results.items():
                    result = result.detach().double().contiguous().numpy()
                    result.tofile(file)
                    answers.append({'task': task['name'], 'variant': variant, 'name': name, 'at': at, 'size': result.size})
                    at += result.size
    (folder / 'answers.json').write_text(json.dumps({'torch': torch.__version__, 'answers': answers}))


main(pathlib.Path(sys.argv[1]))
