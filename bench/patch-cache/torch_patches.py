"""Patches from the same files through PyTorch's DataLoader: the peers of the bench patch-cache.

`plain` maps the files with NumPy and converts; `monai` and `torchio` vary each patch with the transforms of that library
that do what ours does: mirror, one affine resampling (shift, stretch, turn about all axes) and Gaussian noise.
"""

import json
import math
import sys
import time

import numpy as np
import torch

way, task_file = sys.argv[1:3]
task = json.load(open(task_file))


def monai_transform():
    import monai
    from monai import transforms

    monai.data.set_track_meta(False)
    flips = [transforms.RandFlip(prob=0.5, spatial_axis=axis) for axis in range(3)]
    tilt = math.radians(10)
    affine = transforms.RandAffine(
        prob=1.0,
        rotate_range=(math.pi, tilt, tilt),
        translate_range=(1.6, 2.4, 2.4),
        scale_range=(0.2, 0.2, 0.2),
        mode='bilinear',
        padding_mode='border',
        cache_grid=True,
        spatial_size=(32, 48, 48),
    )
    return transforms.Compose([*flips, affine, transforms.RandGaussianNoise(prob=1.0, std=25)]), f'MONAI {monai.__version__}'


def torchio_transform():
    import torchio

    transform = torchio.Compose(
        [
            torchio.RandomFlip(axes=(0, 1, 2), flip_probability=0.5),
            torchio.RandomAffine(
                scales=0.2, degrees=(180, 10, 10), translation=(1.6, 2.4, 2.4), default_pad_value=-1000
            ),
            torchio.RandomNoise(std=(25, 25)),
        ]
    )
    return transform, f'TorchIO {torchio.__version__}'


class Patches(torch.utils.data.Dataset):
    def __init__(self, transform):
        self.transform = transform
        self.files = None

    def __getitem__(self, index):
        if self.files is None:
            self.files = [np.load(file, mmap_mode='r') for file in task['files']]
        patch = torch.from_numpy(self.files[index // task['perScan']][index % task['perScan']].astype(np.float32))
        patch = patch[None]
        return self.transform(patch) if self.transform else patch

    def __len__(self):
        return task['perScan'] * task['scans']


class Endless(torch.utils.data.Sampler):
    def __iter__(self):
        while True:
            yield from torch.randperm(task['perScan'] * task['scans']).tolist()


def answer(message):
    print(json.dumps(message), flush=True)


transform, name = (
    (None, f'PyTorch {torch.__version__} DataLoader over numpy.load(mmap_mode="r")')
    if way == 'plain'
    else (monai_transform if way == 'monai' else torchio_transform)()
)
loader = torch.utils.data.DataLoader(
    Patches(transform), batch_size=task['batchSize'], sampler=Endless(), num_workers=task['workers']
)
batches = iter(loader)
next(batches)
answer({'name': name})
for line in sys.stdin:
    patches = json.loads(line)['patches']
    # What was made ahead while others had their turn does not count.
    for _ in range(2 * task['workers']):
        next(batches)
    total = 0.0
    begun = time.perf_counter()
    for _ in range(0, patches, task['batchSize']):
        total += float(next(batches).flatten()[0])
    answer({'seconds': time.perf_counter() - begun, 'sum': total})
