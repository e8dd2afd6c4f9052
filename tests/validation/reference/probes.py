"""What scipy, SimpleITK and numpy make of a scan that a probe disturbs: the whole scan is disturbed, then the patch is
cut. Reads {file, size, spacing (slices, rows, columns), patch, place, step, cases} from standard input, writes one file
of float64 patches; `texture` gives the power spectrum of a noise texture by rings of frequency."""

import json
import sys

import numpy as np
import SimpleITK as sitk
from scipy import ndimage

PADDING = -9000.0


def blur(scan, spacing, sigma):
    return ndimage.gaussian_filter(scan, [sigma / mm for mm in spacing], truncate=3, mode='nearest')


def shift(scan, _spacing, voxels):
    return ndimage.shift(scan, [-voxels] * 3, order=1, mode='constant', cval=np.nan)


def rotation(scan, spacing, degrees, place):
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    mm = np.diag(spacing[1:])
    matrix = np.eye(3)
    matrix[1:, 1:] = np.linalg.inv(mm) @ turn @ mm
    return ndimage.affine_transform(scan, matrix, np.array(place) - matrix @ place, order=1, mode='constant', cval=np.nan)


def thickness(scan, spacing, millimetres, place, phase):
    slab = millimetres / spacing[0]
    edges = np.arange(len(scan) + 1)
    total = np.concatenate([np.zeros((1, *scan.shape[1:])), np.cumsum(scan, axis=0)])
    start = place[0] + 0.5 - phase * slab
    borders = start + slab * np.arange(-np.ceil(start / slab), np.ceil((len(scan) - start) / slab) + 1)
    inside = np.clip(borders, 0, len(scan))

    def integral(at):
        low = np.minimum(np.floor(at).astype(int), len(scan) - 1)
        return total[low] + (at - edges[low])[:, None, None] * scan[low]

    means = np.diff(integral(inside), axis=0) / np.diff(inside)[:, None, None]
    middles = (borders[:-1] + borders[1:]) / 2 - 0.5
    at = np.clip(np.interp(np.arange(len(scan)), middles, np.arange(len(middles))), 0, len(middles) - 1)
    low = np.floor(at).astype(int)
    high = np.minimum(low + 1, len(middles) - 1)
    return means[low] + (at - low)[:, None, None] * (means[high] - means[low])


def cut(scan, spacing, place, patch, step):
    """The patch by voxels (step null), or as ITK resamples it with its linear interpolator."""
    if step is None:
        middle = np.floor(np.array(place) + 0.5).astype(int)
        first = middle - np.array(patch) // 2
        return scan[tuple(slice(f, f + n) for f, n in zip(first, patch))]
    image = sitk.GetImageFromArray(scan)
    image.SetSpacing([float(mm) for mm in reversed(spacing)])
    origin = [(p * mm) - (n // 2) * step for p, mm, n in zip(place, spacing, patch)]
    grid = sitk.ResampleImageFilter()
    grid.SetSize(list(reversed(patch)))
    grid.SetOutputSpacing([step] * 3)
    grid.SetOutputOrigin(list(reversed(origin)))
    grid.SetInterpolator(sitk.sitkLinear)
    grid.SetDefaultPixelValue(PADDING)
    return sitk.GetArrayFromImage(grid.Execute(image))


def patches(job):
    scan = np.fromfile(job['file'], dtype='<f4').reshape(job['size']).astype(float)
    found = []
    for case in job['cases']:
        place, step, strength = case['place'], case['step'], case['strength']
        if step is None:
            place = np.floor(np.array(place) + 0.5)
        disturb = {
            'blur': lambda: blur(scan, job['spacing'], strength),
            'shift': lambda: shift(scan, job['spacing'], strength),
            'rotation': lambda: rotation(scan, job['spacing'], strength, place),
            'sliceThickness': lambda: thickness(scan, job['spacing'], strength, place, case['phase']),
        }[case['probe']]
        found.append(cut(disturb(), job['spacing'], place, job['patch'], step))
    np.concatenate([patch.ravel() for patch in found]).astype('<f8').tofile(job['output'])
    return {}


def texture(job):
    planes = np.fromfile(job['file'], dtype='<f4').reshape(job['size']).astype(float)
    power = np.mean(np.abs(np.fft.fft2(planes)) ** 2, axis=0)
    side = planes.shape[1]
    f = np.hypot(np.fft.fftfreq(side, job['spacing'][0])[:, None], np.fft.fftfreq(side, job['spacing'][1])[None, :])
    rings = np.arange(0, 0.7, 0.05)
    which = np.digitize(f, rings) - 1
    model = f * np.exp(-(f**2) / (2 * 0.3**2))
    mean = lambda values: [float(values[which == ring].mean()) for ring in range(len(rings) - 1)]
    total = power.sum() / model.sum()
    across = float(np.corrcoef(planes[0].ravel(), planes[1].ravel())[0, 1])
    return {'found': mean(power / total), 'expected': mean(model), 'across': across}


job = json.load(sys.stdin)
json.dump({'patches': patches, 'texture': texture}[job['what']](job), sys.stdout)
