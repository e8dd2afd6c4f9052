"""What SimpleITK and pydicom make of DICOM files, and files that pydicom writes.

python dicom_peers.py read OUT FOLDER...   the series in each folder, as OUT/N-sitk.f64, OUT/N-pydicom.f64 and OUT/peers.json
python dicom_peers.py write KIND FOLDER    a small synthetic series
"""

import hashlib
import json
import math
import sys
from pathlib import Path

import numpy
import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, generate_uid

SLICES, ROWS, COLUMNS = 5, 7, 9
CT, ENHANCED_CT = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.2.1"


def read(out, folders):
    peers = [{"sitk": read_sitk(folder, out / f"{i}-sitk.f64"), "pydicom": read_pydicom(folder, out / f"{i}-pydicom.f64")}
             for i, folder in enumerate(folders)]
    (out / "peers.json").write_text(json.dumps(peers))


def read_sitk(folder, voxels):
    import SimpleITK as sitk

    names = sitk.ImageSeriesReader.GetGDCMSeriesFileNames(str(folder))
    try:
        image = sitk.ReadImage(names[0] if len(names) == 1 else names)
    except RuntimeError as error:
        return {"error": str(error)}
    pixels = keep(sitk.GetArrayFromImage(image), voxels)
    direction = numpy.array(image.GetDirection()).reshape(3, 3).T.ravel()
    return {"spacing": image.GetSpacing(), "origin": image.GetOrigin(), "direction": list(direction), "size": image.GetSize()[::-1], **pixels}


def read_pydicom(folder, voxels):
    try:
        frames = pydicom_frames(folder)
    except RuntimeError as error:  # compressed: it has no decoder of its own
        return {"error": str(error)}
    frames.sort(key=lambda frame: frame[0])
    pixels = keep(numpy.stack([pixels for _, pixels in frames]), voxels)
    return {"heights": [float(height) for height, _ in frames], **pixels}


def keep(array, voxels):
    """Small ones as float64; a whole scan as the digest of its int16."""
    if array.size < 2_000_000:
        array.astype("<f8").tofile(voxels)
        return {}
    whole = array.astype("<i2")
    return {"int16": hashlib.sha256(whole.tobytes()).hexdigest()} if (whole == array).all() else {}


def pydicom_frames(folder):
    frames = []
    for path in folder.iterdir():
        ds = pydicom.dcmread(path, force=True)
        if "ImagePositionPatient" in ds:
            frames.append((place(ds.ImagePositionPatient, ds.ImageOrientationPatient), hu(ds.pixel_array, ds)))
        elif "PerFrameFunctionalGroupsSequence" in ds:
            shared = ds.SharedFunctionalGroupsSequence[0]
            for pixels, own in zip(ds.pixel_array, ds.PerFrameFunctionalGroupsSequence):
                def group(name):
                    return (own if name in own else shared)[name][0]

                position = group("PlanePositionSequence").ImagePositionPatient
                orientation = group("PlaneOrientationSequence").ImageOrientationPatient
                frames.append((place(position, orientation), hu(pixels, group("PixelValueTransformationSequence"))))
    return frames


def place(position, orientation):
    orientation = numpy.array(orientation, dtype=float)
    return numpy.dot(numpy.array(position, dtype=float), numpy.cross(orientation[:3], orientation[3:]))


def hu(pixels, tags):
    return pixels * float(tags.get("RescaleSlope", 1)) + float(tags.get("RescaleIntercept", 0))


def write(kind, folder):
    folder.mkdir(parents=True, exist_ok=True)
    if kind.startswith("enhanced"):
        write_enhanced(kind, folder)
        return
    series, study = generate_uid(), generate_uid()
    for i in numpy.random.default_rng(3).permutation(SLICES):
        ds = slice_of(kind, i, series, study)
        syntax = {"big-endian": ExplicitVRBigEndian, "implicit": ImplicitVRLittleEndian}.get(kind, ExplicitVRLittleEndian)
        write_file(ds, folder / f"{7919 * (i + 1) % 101}.dcm", syntax)


def write_file(ds, path, syntax=ExplicitVRLittleEndian):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = ds.SOPClassUID, ds.SOPInstanceUID
    meta.TransferSyntaxUID = syntax
    file = FileDataset(None, ds, file_meta=meta, preamble=b"\0" * 128)
    pydicom.dcmwrite(path, file, enforce_file_format=True, little_endian=syntax.is_little_endian, implicit_vr=syntax.is_implicit_VR)


def common(sop_class, series, study):
    ds = Dataset()
    ds.SOPClassUID, ds.SOPInstanceUID = sop_class, generate_uid()
    ds.SeriesInstanceUID, ds.StudyInstanceUID = series, study
    ds.PatientID, ds.PatientName, ds.Modality = "p1", "Phantom^One", "CT"
    ds.FrameOfReferenceUID = generate_uid()
    ds.Rows, ds.Columns = ROWS, COLUMNS
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated = ds.BitsStored = 16
    ds.HighBit, ds.PixelRepresentation = 15, 1
    return ds


def slice_of(kind, i, series, study):
    ds = common(CT, series, study)
    ds.ImageType, ds.InstanceNumber, ds.SliceThickness = ["ORIGINAL", "PRIMARY", "AXIAL"], int(i) + 1, 2.5
    ds.RescaleSlope, ds.RescaleIntercept, ds.RescaleType = "1", "-1024", "HU"
    ds.PixelSpacing = ["0.7", "0.9"]
    columns, rows = directions(kind)
    normal = numpy.cross(columns, rows)
    ds.ImageOrientationPatient = [f"{value:.12g}"[:16] for value in [*columns, *rows]]
    ds.ImagePositionPatient = [f"{value:.12g}"[:16] for value in numpy.array([-31.5, 12.25, 400.5]) + 1.5 * i * normal]
    pixels = values(i)
    if kind == "unsigned-12":
        ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 12, 11, 0
        pixels = pixels.clip(0, 4095)
    elif kind == "signed-12":
        ds.BitsStored, ds.HighBit = 12, 11
        pixels = pixels.clip(-2048, 2047)
    elif kind == "unsigned-16":
        ds.PixelRepresentation, pixels = 0, pixels + 40000
    elif kind == "eight-bit":
        ds.BitsAllocated = ds.BitsStored = 8
        ds.HighBit, ds.PixelRepresentation, pixels = 7, 0, pixels % 256
    elif kind == "slopes":
        ds.RescaleSlope, ds.RescaleIntercept = f"{1 + 0.125 * i}", f"{-1000.5 - 3 * i}"
    elif kind == "padding":
        ds.PixelPaddingValue, pixels[0, :] = -2000, -2000
    elif kind == "monochrome1":
        ds.PhotometricInterpretation = "MONOCHROME1"
    order = ">" if kind == "big-endian" else "<"
    kinds = {(8, 0): "u1", (16, 0): "u2", (16, 1): "i2"}
    ds.PixelData = pixels.astype(order + kinds[ds.BitsAllocated, ds.PixelRepresentation]).tobytes()
    if len(ds.PixelData) % 2:
        ds.PixelData += b"\0"
    ds["PixelData"].VR = "OB" if ds.BitsAllocated == 8 else "OW"
    return ds


def values(i):
    return numpy.random.default_rng(100 + int(i)).integers(-1500, 3000, (ROWS, COLUMNS))


def directions(kind):
    x, y, z = numpy.eye(3)
    if kind == "feet-first":
        return -x, y
    if kind == "coronal":
        return x, -z
    if kind == "sagittal":
        return y, -z
    if kind == "oblique":
        a, b = math.radians(17), math.radians(-33)
        columns = numpy.array([math.cos(a), math.sin(a), 0])
        rows = numpy.array([-math.sin(a) * math.cos(b), math.cos(a) * math.cos(b), math.sin(b)])
        return columns, rows
    return x, y


def write_enhanced(kind, folder):
    ds = common(ENHANCED_CT, generate_uid(), generate_uid())
    ds.ImageType, ds.NumberOfFrames = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"], SLICES
    columns, rows = directions("oblique" if kind == "enhanced-oblique" else kind)
    normal = numpy.cross(columns, rows)
    shared = Dataset()
    shared.PixelMeasuresSequence = [item(PixelSpacing=["0.7", "0.9"], SliceThickness="1.5")]
    shared.PlaneOrientationSequence = [item(ImageOrientationPatient=[f"{value:.12g}"[:16] for value in [*columns, *rows]])]
    transformation = item(RescaleSlope="1", RescaleIntercept="-1024", RescaleType="HU")
    if kind != "enhanced-slopes":
        shared.PixelValueTransformationSequence = [transformation]
    ds.SharedFunctionalGroupsSequence = [shared]
    order = list(range(SLICES)) if kind != "enhanced-shuffled" else [3, 0, 4, 2, 1]
    frames = []
    for frame, i in enumerate(order):
        own = Dataset()
        position = numpy.array([-31.5, 12.25, 400.5]) + 1.5 * i * normal
        own.PlanePositionSequence = [item(ImagePositionPatient=[f"{value:.12g}"[:16] for value in position])]
        own.FrameContentSequence = [item(StackID="1", InStackPositionNumber=i + 1, DimensionIndexValues=[1, i + 1])]
        frame_type = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]
        own.CTImageFrameTypeSequence = [item(FrameType=frame_type)]
        if kind == "enhanced-slopes":
            scale = item(RescaleSlope=f"{1 + 0.5 * i}", RescaleIntercept=f"{-1000 - i}", RescaleType="HU")
            own.PixelValueTransformationSequence = [scale]
        frames.append(own)
    ds.PerFrameFunctionalGroupsSequence = frames
    ds.PixelData = numpy.stack([values(i) for i in order]).astype("<i2").tobytes()
    ds["PixelData"].VR = "OW"
    write_file(ds, folder / "enhanced.dcm")


def item(**tags):
    ds = Dataset()
    for name, value in tags.items():
        setattr(ds, name, value)
    return ds


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    if command == "read":
        read(Path(arguments[0]), [Path(folder) for folder in arguments[1:]])
    else:
        for kind in arguments[1:]:
            write(kind, Path(arguments[0]) / kind)
