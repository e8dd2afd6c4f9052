"""Samples a scan with SimpleITK on the grid of each patch: python resample.py SCAN JOBS OUT (float64, one patch after the other)."""

import json
import sys

import numpy
import SimpleITK

scan, jobs, out = sys.argv[1:]
image = SimpleITK.Cast(SimpleITK.ReadImage(scan), SimpleITK.sitkFloat64)
patches = []
for job in json.load(open(jobs)):
    slices, rows, columns = job["patchSize"]
    direction = numpy.array(image.GetDirection()).reshape(3, 3)
    middle = numpy.array([columns // 2, rows // 2, slices // 2]) * job["resampleMm"]
    resampler = SimpleITK.ResampleImageFilter()
    resampler.SetInterpolator(SimpleITK.sitkLinear)
    resampler.SetDefaultPixelValue(-1000)
    resampler.SetSize([columns, rows, slices])
    resampler.SetOutputSpacing([job["resampleMm"]] * 3)
    resampler.SetOutputDirection(image.GetDirection())
    resampler.SetOutputOrigin((numpy.array(job["xyz"]) - direction @ middle).tolist())
    patches.append(SimpleITK.GetArrayFromImage(resampler.Execute(image)).ravel())
numpy.concatenate(patches).astype("<f8").tofile(out)
