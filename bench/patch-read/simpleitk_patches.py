"""Random patches from .mhd files with SimpleITK and NumPy: the peer of the bench patch-read.

`whole` reads the scan and crops, as is usual; `region` lets the reader extract the box (ExtractIndex, ExtractSize).
"""

import json
import sys
import time

import numpy as np
import SimpleITK as sitk

SIZE = (32, 48, 48)
way, task_file = sys.argv[1:3]
task = json.load(open(task_file))
sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(1)


def information(path):
    reader = sitk.ImageFileReader()
    reader.SetImageIO('MetaImageIO')
    reader.SetFileName(path)
    reader.ReadImageInformation()
    origin, spacing = np.array(reader.GetOrigin()), np.array(reader.GetSpacing())
    direction = np.array(reader.GetDirection()).reshape(3, 3)
    return reader, np.linalg.inv(direction * spacing), origin, reader.GetSize()[::-1]


SCANS = [information(path) for path in task['scans']]


def region(place):
    reader, to_index, origin, shape = SCANS[place['scan']]
    center = np.floor(to_index @ (np.array(place['xyz']) - origin) + 0.5).astype(int)[::-1]
    first = [int(c) - n // 2 for c, n in zip(center, SIZE)]
    low = [max(0, f) for f in first]
    high = [min(n, f + size) for f, n, size in zip(first, shape, SIZE)]
    reader.SetExtractIndex(low[::-1])
    reader.SetExtractSize([h - l for l, h in zip(low, high)][::-1])
    image = reader.Execute()
    return sitk.GetArrayFromImage(image), first, low, high


def whole(place):
    _, to_index, origin, shape = SCANS[place['scan']]
    image = sitk.ReadImage(task['scans'][place['scan']], imageIO='MetaImageIO')
    array = sitk.GetArrayViewFromImage(image)
    center = np.floor(to_index @ (np.array(place['xyz']) - origin) + 0.5).astype(int)[::-1]
    first = [int(c) - n // 2 for c, n in zip(center, SIZE)]
    low = [max(0, f) for f in first]
    high = [min(n, f + size) for f, n, size in zip(first, shape, SIZE)]
    return array[tuple(slice(l, h) for l, h in zip(low, high))].copy(), first, low, high


def patch_at(place):
    box, first, low, high = (region if way == 'region' else whole)(place)
    patch = np.full(SIZE, -1000, np.float32)
    patch[tuple(slice(l - f, h - f) for f, l, h in zip(first, low, high))] = box
    return np.clip(patch, -1000, 1000, out=patch)


def answer(message):
    print(json.dumps(message), flush=True)


answer({'name': f'SimpleITK {sitk.Version_VersionString()} + numpy {np.__version__}'})
for line in sys.stdin:
    request = json.loads(line)
    sums = []
    begun = time.perf_counter()
    for place in task['places'][request['from'] : request['from'] + request['count']]:
        patch = patch_at(place).ravel()
        sums.append(float(patch[0] + patch[40_000] + patch[-1]))
    answer({'seconds': time.perf_counter() - begun, 'sums': sums})
