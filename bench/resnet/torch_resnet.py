"""ResNet-18 in two or three dimensions in PyTorch: the peer of the benches resnet2d and resnet3d.

Speaks lines of JSON: each line on standard input is a round to run, each line on standard output its answer.
The first answer comes unasked when the model stands.
"""

import json
import pathlib
import sys
import time

import numpy as np
import torch
from torch import nn


class Normalized(nn.Module):
    """A convolution without bias and its batch normalisation."""

    def __init__(self, dims, inner, outer, kernel, stride):
        super().__init__()
        conv, norm = {2: (nn.Conv2d, nn.BatchNorm2d), 3: (nn.Conv3d, nn.BatchNorm3d)}[dims]
        self.conv = conv(inner, outer, kernel, stride, padding=tuple(k // 2 for k in kernel), bias=False)
        self.norm = norm(outer)

    def forward(self, x):
        return self.norm(self.conv(x))


class Block(nn.Module):
    def __init__(self, dims, inner, outer, stride):
        super().__init__()
        self.first = Normalized(dims, inner, outer, (3,) * dims, stride)
        self.second = Normalized(dims, outer, outer, (3,) * dims, 1)
        changes = stride != 1 or inner != outer
        self.shortcut = Normalized(dims, inner, outer, (1,) * dims, stride) if changes else nn.Identity()
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        return self.relu(self.second(self.relu(self.first(x))) + self.shortcut(x))


class ResNet18(nn.Module):
    def __init__(self, architecture):
        super().__init__()
        stem, widths = architecture['stem'], architecture['widths']
        self.dims = dims = len(stem['kernel'])
        kernel, stride = tuple(stem['kernel']), tuple(stem['stride'])
        self.stem = Normalized(dims, architecture['input'][-1], widths[0], kernel, stride)
        self.relu = nn.ReLU(inplace=True)
        pool = {2: nn.MaxPool2d, 3: nn.MaxPool3d}[dims]
        self.pool = pool(3, 2, padding=1) if stem['maxPool'] else nn.Identity()
        before = [widths[0], *widths[:-1]]
        self.blocks = nn.Sequential(
            *(
                block
                for stage, (inner, outer) in enumerate(zip(before, widths))
                for block in (Block(dims, inner, outer, 1 if stage == 0 else 2), Block(dims, outer, outer, 1))
            )
        )
        self.head = nn.Linear(widths[-1], architecture['classes'])

    def forward(self, x):
        x = self.blocks(self.pool(self.relu(self.stem(x))))
        return self.head(x.mean(tuple(range(2, 2 + self.dims))))

    def load(self, folder):
        """Takes the weights, which lie in TensorFlow's layouts and in the order of this module's own parameters."""
        flat = np.fromfile(folder / 'weights.f32', np.float32)
        listed = json.loads((folder / 'weights.json').read_text())
        parameters = list(self.parameters())
        assert len(listed) == len(parameters)
        start = 0
        for entry, parameter in zip(listed, parameters):
            shape = entry['shape']
            value = flat[start : start + int(np.prod(shape))].reshape(shape)
            start += value.size
            if len(shape) > 1:  # [..., I, O] to [O, I, ...]
                value = np.moveaxis(value, (-1, -2), (0, 1))
            parameter.data.copy_(torch.from_numpy(np.ascontiguousarray(value)))


def main():
    task = json.loads(sys.argv[1])
    folder = pathlib.Path(task['folder'])
    torch.set_num_threads(task['threads'])
    torch.set_flush_denormal(True)
    architecture = task['architecture']
    memory_format = getattr(torch, task['memoryFormat'])
    device = torch.device('cpu' if task.get('provider', 'cpu') == 'cpu' else 'cuda')

    inputs = np.fromfile(folder / 'inputs.f32', np.float32).reshape(-1, *architecture['input'])
    inputs = torch.from_numpy(np.moveaxis(inputs, -1, 1).copy()).contiguous(memory_format=memory_format).to(device)
    labels = torch.from_numpy(np.fromfile(folder / 'labels.u8', np.uint8).astype(np.int64)).to(device)
    model = ResNet18(architecture)
    model.load(folder)
    model = model.to(device).to(memory_format=memory_format)

    rounds = {'training': training_round(model, inputs, labels, task), 'inference': inference_round(model, inputs)}
    answer({'name': f'PyTorch {torch.__version__.split("+")[0]}', 'threads': torch.get_num_threads()})
    for line in sys.stdin:
        request = json.loads(line)
        answer(rounds[request['work']](request))


def training_round(model, inputs, labels, task):
    optimizer = torch.optim.SGD(model.parameters(), lr=task['learningRate'], momentum=task['momentum'])
    loss_of = nn.CrossEntropyLoss()
    batches = list(zip(inputs.split(task['batchSize']), labels.split(task['batchSize'])))
    position = 0

    def run(request):
        nonlocal position
        model.train()
        losses = []
        begun = time.perf_counter()
        for _ in range(request['steps']):
            x, y = batches[position % len(batches)]
            position += 1
            optimizer.zero_grad()
            loss = loss_of(model(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return {'seconds': time.perf_counter() - begun, 'losses': losses}

    return run


def inference_round(model, inputs):
    def run(request):
        model.eval()
        size = request['batchSize']
        begun = time.perf_counter()
        with torch.inference_mode():
            for step in range(request['steps']):
                start = step * size % len(inputs)
                model(inputs[start : start + size]).softmax(1).cpu().numpy()
        return {'seconds': time.perf_counter() - begun}

    return run


def answer(message):
    print(json.dumps(message), flush=True)


main()
