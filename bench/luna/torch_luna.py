"""LunaModel in PyTorch, as the book's repository has it: the peer of the training and the inference bench.

Speaks lines of JSON: each line on standard input is a round to run, each line on standard output its answer.
The first answer comes unasked when the model stands and its weights are saved for the other side to start from.
"""

import json
import pathlib
import resource
import sys
import time

import numpy as np
import torch
from torch import nn

BLOCKS = (8, 16, 32, 64)
PATCH = (32, 48, 48)


class Block(nn.Module):
    def __init__(self, channels_in, channels):
        super().__init__()
        self.conv1 = nn.Conv3d(channels_in, channels, kernel_size=3, padding=1)
        self.conv2 = nn.Conv3d(channels, channels, kernel_size=3, padding=1)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool3d(2, 2)

    def forward(self, x):
        return self.maxpool(self.relu(self.conv2(self.relu(self.conv1(x)))))


class LunaModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.tail_batchnorm = nn.BatchNorm3d(1)
        self.block1, self.block2, self.block3, self.block4 = (
            Block(before, after) for before, after in zip((1, *BLOCKS), BLOCKS)
        )
        self.head_linear = nn.Linear(1152, 2)

    def forward(self, patch):
        x = self.tail_batchnorm(patch.clamp(-1000, 1000))
        x = self.block4(self.block3(self.block2(self.block1(x))))
        return self.head_linear(x.flatten(1))


def initialized(seed):
    torch.manual_seed(seed)
    model = LunaModel()
    for module in model.modules():
        if isinstance(module, nn.Conv3d):
            nn.init.kaiming_normal_(module.weight, mode='fan_out', nonlinearity='relu')
            nn.init.zeros_(module.bias)
    # What training would have seen: without it, evaluation would be saturated and compare nothing.
    model.tail_batchnorm.running_mean.fill_(-350)
    model.tail_batchnorm.running_var.fill_(300**2)
    return model


def training_round(model, batches, task):
    optimizer = torch.optim.SGD(model.parameters(), lr=task['learningRate'], momentum=task['momentum'])
    loss_of = nn.CrossEntropyLoss()
    position = 0

    def run(request):
        nonlocal position
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
            if len(losses) == 1:
                first_step = time.perf_counter() - begun
        return {
            'seconds': time.perf_counter() - begun,
            'losses': losses,
            'firstStepSeconds': first_step,
            'peakMegabytes': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }

    return run


def inference_round(model, batches, task):
    model.eval()
    patches = torch.cat([x for x, _ in batches])

    def run(request):
        size = request['batchSize']
        rows = []
        begun = time.perf_counter()
        with torch.inference_mode():
            for step in range(request['steps']):
                start = step * size % len(patches)
                rows.append(model(patches[start : start + size]).softmax(1).numpy())
        seconds = time.perf_counter() - begun
        return {'seconds': seconds, 'probabilities': np.concatenate(rows)[:, 1].tolist()}

    return run


def main():
    task = json.loads(sys.argv[1])
    folder = pathlib.Path(task['folder'])
    torch.set_num_threads(task['threads'])
    torch.set_flush_denormal(True)
    size = task['batchSize']
    patches = torch.from_numpy(np.fromfile(folder / 'patches.f32', np.float32).reshape(-1, 1, *PATCH))
    labels = torch.from_numpy(np.fromfile(folder / 'labels.u8', np.uint8).astype(np.int64))
    batches = list(zip(patches.split(size), labels.split(size)))

    model = initialized(task['seed']).to(memory_format=getattr(torch, task['memoryFormat']))
    np.savez(folder / 'weights.npz', **{name: value.contiguous().numpy() for name, value in model.state_dict().items()})
    run = {'training': training_round, 'inference': inference_round}[task['work']](model, batches, task)
    answer({'name': f'PyTorch {torch.__version__.split("+")[0]}', 'threads': torch.get_num_threads()})
    for line in sys.stdin:
        answer(run(json.loads(line)))


def answer(message):
    print(json.dumps(message), flush=True)


main()
