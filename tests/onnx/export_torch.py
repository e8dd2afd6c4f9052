"""Exports networks of PyTorch as ONNX, with an input and what PyTorch answers, into the folder given."""

import json
import pathlib
import sys
import warnings

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

warnings.filterwarnings('ignore')


class Residual(nn.Module):
    """A small ResNet: strides, batch norm, a projection, global pooling."""

    def __init__(self, conv, norm, pool):
        super().__init__()
        self.stem = nn.Sequential(conv(2, 8, 3, stride=2, padding=1, bias=False), norm(8), nn.ReLU(), pool(3, 2, 1))
        self.one = nn.Sequential(conv(8, 16, 3, stride=2, padding=1, bias=False), norm(16), nn.ReLU(), conv(16, 16, 3, padding=1))
        self.skip = conv(8, 16, 1, stride=2)
        self.head = nn.Linear(16, 3)

    def forward(self, x):
        y = self.stem(x)
        y = F.relu(self.one(y) + self.skip(y))
        return self.head(y.flatten(2).mean(2))


class Decoder(nn.Module):
    """Grouped and depthwise convolutions, a transposed one, resizing, padding, a skip by concatenation."""

    def __init__(self):
        super().__init__()
        self.group = nn.Conv2d(4, 8, 3, padding=1, groups=2)
        self.depth = nn.Conv2d(8, 8, (3, 5), padding=(1, 2), groups=8)
        self.dilated = nn.Conv2d(8, 8, 3, padding=2, dilation=2)
        self.up = nn.ConvTranspose2d(8, 4, 3, stride=2, padding=1, output_padding=1)
        self.norm = nn.GroupNorm(2, 8)
        self.slope = nn.PReLU(4)

    def forward(self, x):
        y = F.hardswish(self.norm(self.depth(F.silu(self.group(x)))))
        y = self.dilated(F.avg_pool2d(F.pad(y, (1, 0, 0, 1)), 3, 2, padding=1, count_include_pad=True))
        z = F.interpolate(self.slope(self.up(y)), size=x.shape[2:], mode='bilinear', align_corners=False)
        w = F.interpolate(x, scale_factor=2.0, mode='nearest')[:, :, ::2, 1::2]
        return torch.cat([z, w, x[:, 1:3]], dim=1).clamp(-1, 2)


class Attention(nn.Module):
    """A transformer encoder block over embedded tokens."""

    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(11, 16)
        self.query, self.key, self.value, self.out = (nn.Linear(16, 16) for _ in range(4))
        self.first, self.second = nn.LayerNorm(16), nn.LayerNorm(16)
        self.register_buffer('mask', torch.ones(9, 9).triu(1).bool())
        self.mlp = nn.Sequential(nn.Linear(16, 32), nn.GELU(), nn.Linear(32, 16))

    def forward(self, ids):
        x = self.table(ids)
        batch, tokens, width = x.shape
        heads = [f(self.first(x)).view(batch, tokens, 2, 8).transpose(1, 2) for f in (self.query, self.key, self.value)]
        scores = heads[0] @ heads[1].transpose(-2, -1) / 8**0.5
        mixed = scores.masked_fill(self.mask[:tokens, :tokens], -1e9).softmax(-1) @ heads[2]
        x = x + self.out(mixed.transpose(1, 2).reshape(batch, tokens, width))
        return (x + self.mlp(self.second(x)))[:, -1]


class Volume(nn.Module):
    """Odd sizes in three dimensions: rounding up, transposed, averaged, resized."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv3d(1, 4, (3, 3, 1), stride=(1, 2, 1), padding=(1, 0, 0))
        self.up = nn.ConvTranspose3d(4, 2, 2, stride=2)

    def forward(self, x):
        y = F.leaky_relu(self.conv(x), 0.1)
        y = F.max_pool3d(y, 2, ceil_mode=True) + F.avg_pool3d(y, 2, ceil_mode=True)
        return F.interpolate(torch.tanh(self.up(y)), scale_factor=2, mode='trilinear', align_corners=True)


class Line(nn.Module):
    """One dimension."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(3, 6, 5, stride=2, padding=2)
        self.norm = nn.BatchNorm1d(6)
        self.up = nn.ConvTranspose1d(6, 4, 4, stride=2, padding=1)

    def forward(self, x):
        y = F.elu(self.norm(self.conv(x)))
        y = F.max_pool1d(F.softplus(self.up(y)), 2)
        return F.log_softmax(y.mean(-1), dim=1), y.argmax(1)


def trained(module):
    """Weights and statistics that nothing is trivial with."""
    for name, value in module.state_dict().items():
        if value.dtype == torch.float32:
            value.copy_(torch.rand_like(value) * 0.8 - 0.4 if 'var' not in name else torch.rand_like(value) + 0.5)
    return module.eval()


def normal(*shape):
    return torch.randn(*shape)


EXAMPLES = {
    'residual-2d': (Residual(nn.Conv2d, nn.BatchNorm2d, nn.MaxPool2d), normal(2, 2, 33, 32)),
    'residual-3d': (Residual(nn.Conv3d, nn.BatchNorm3d, nn.MaxPool3d), normal(2, 2, 17, 16, 18)),
    'decoder': (Decoder(), normal(2, 4, 12, 14)),
    'attention': (Attention(), torch.randint(0, 11, (3, 7))),
    'volume': (Volume(), normal(2, 1, 7, 9, 6)),
    'line': (Line(), normal(2, 3, 20)),
}


def main():
    torch.manual_seed(3)
    folder = pathlib.Path(sys.argv[1])
    for name, (module, x) in EXAMPLES.items():
        trained(module)
        for opset in (11, 13, 16):
            path = folder / f'{name}-{opset}.onnx'
            axes = {'x': {0: 'batch'}}
            torch.onnx.export(module, x, str(path), opset_version=opset, input_names=['x'], dynamic_axes=axes)
        y = module(x)
        outputs = y if isinstance(y, tuple) else (y,)
        np.asarray(x).astype(np.float32).tofile(folder / f'{name}-x.f32')
        answers = []
        for place, output in enumerate(outputs):
            output.detach().numpy().astype(np.float32).tofile(folder / f'{name}-{place}.f32')
            answers.append(list(output.shape))
        print(json.dumps({'name': name, 'x': list(x.shape), 'outputs': answers}))


main()
