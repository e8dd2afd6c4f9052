"""What SimpleITK and nibabel write, and what they read, as JSON, so that our formats can be held against theirs.

    formats_peers.py write FOLDER    writes files there; prints what each of them holds, as its peer reads it back
    formats_peers.py read  FOLDER    prints what each peer reads in every file there

A volume is printed as size (slices, rows, columns), spacing, origin and direction (LPS, three directions in turn) and
the SHA-256 of its voxels as little-endian float64, columns fastest.
"""

import gzip
import hashlib
import json
import os
import sys
import zlib

import nibabel as nib
import numpy as np
import SimpleITK as sitk

SIZE = (5, 6, 7)  # slices, rows, columns
GEOMETRIES = {
    "identity": ((1, 1, 1), (0, 0, 0), np.eye(3)),
    "anisotropic": ((0.7421875, 0.7421875, 2.5), (-190.25, -161.5, -405.75), np.eye(3)),
    "flipped": ((0.5, 0.625, 1.25), (180, 170, 20.5), np.diag([-1.0, -1.0, 1.0])),
    "mirrored": ((0.5, 0.625, 1.25), (-180, 170, 20.5), np.diag([1.0, -1.0, 1.0])),
    "turned": ((0.9, 0.8, 3), (11, -12, 13), np.array([[0.0, 0, 1], [1, 0, 0], [0, 1, 0]])),
}


def rotation(a, b, c):
    s, k = np.sin, np.cos
    x = np.array([[1, 0, 0], [0, k(a), -s(a)], [0, s(a), k(a)]])
    y = np.array([[k(b), 0, s(b)], [0, 1, 0], [-s(b), 0, k(b)]])
    z = np.array([[k(c), -s(c), 0], [s(c), k(c), 0], [0, 0, 1]])
    return z @ y @ x


GEOMETRIES["oblique"] = ((0.68359375, 0.68359375, 1.5), (-123.456789, 98.7654321, -1234.5678), rotation(0.3, -0.2, 1.1))
GEOMETRIES["oblique-mirrored"] = ((0.7, 0.9, 2.1), (-77.7, 5, 1000.125), rotation(-0.7, 0.4, 0.2) @ np.diag([1, 1, -1.0]))

SITK_TYPES = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"]


def voxels(dtype, seed=1):
    random = np.random.default_rng(seed)
    dtype = np.dtype(dtype)
    if dtype.kind == "f":
        return random.normal(0, 1000, SIZE).astype(dtype)
    info = np.iinfo(dtype)
    low, high = max(info.min, -(2**52)), min(info.max, 2**52)
    array = random.integers(low, high, SIZE, dtype=np.int64, endpoint=True)
    array.flat[0], array.flat[-1] = low, high
    return array.astype(dtype)


def digest(array):
    # + 0.0: a zero has no sign.
    return hashlib.sha256((np.ascontiguousarray(array, dtype="<f8") + 0.0).tobytes()).hexdigest()


def described(array, spacing, origin, direction):
    return {
        "size": list(array.shape),
        "spacing": [float(v) for v in spacing],
        "origin": [float(v) for v in origin],
        "direction": [float(v) for v in np.asarray(direction).T.ravel()],
        "sha256": digest(array),
    }


def by_sitk(path):
    image = sitk.ReadImage(path)
    if image.GetDimension() == 4:
        image = image[:, :, :, 0]
    array = sitk.GetArrayFromImage(image)
    return described(array, image.GetSpacing(), image.GetOrigin(), np.reshape(image.GetDirection(), (3, 3)))


def by_nibabel(path):
    image = nib.load(path)
    array = np.squeeze(image.get_fdata(), axis=tuple(range(3, len(image.shape)))).T
    lps = np.diag([-1, -1, 1, 1]) @ image.affine
    spacing = np.linalg.norm(lps[:3, :3], axis=0)
    return described(array, spacing, lps[:3, 3], lps[:3, :3] / spacing)


class Writer:
    def __init__(self, folder):
        self.folder = folder
        self.cases = []

    def path(self, name):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def add(self, name, peer, note=""):
        read = by_sitk if peer == "SimpleITK" else by_nibabel
        self.cases.append({"file": name, "peer": peer, "note": note, **read(self.path(name))})

    def sitk(self, name, array, geometry, compressed=False):
        spacing, origin, direction = GEOMETRIES[geometry]
        image = sitk.GetImageFromArray(array)
        image.SetSpacing([float(v) for v in spacing])
        image.SetOrigin([float(v) for v in origin])
        image.SetDirection(np.asarray(direction, dtype=float).ravel().tolist())
        sitk.WriteImage(image, self.path(name), useCompression=compressed)
        self.add(name, "SimpleITK")

    def text(self, name, text, data=b""):
        with open(self.path(name), "wb") as file:
            file.write(text.encode() + data)

    def bytes(self, name, data):
        self.text(name, "", data)


def write_by_sitk(writer):
    names = list(GEOMETRIES)
    extensions = [(".mhd", False), (".mhd", True), (".mha", False), (".mha", True), (".nii", False), (".nii.gz", True),
                  (".nrrd", False), (".nrrd", True), (".nhdr", False), (".nhdr", True), (".hdr", False)]
    for number, (extension, compressed) in enumerate(extensions):
        for i, dtype in enumerate(SITK_TYPES):
            geometry = names[(i + number) % len(names)]
            kind = "packed" if compressed else "plain"
            writer.sitk(f"sitk/{kind}/{dtype}-{geometry}{extension}", voxels(dtype), geometry, compressed)
        for geometry in names:
            kind = "packed" if compressed else "plain"
            writer.sitk(f"sitk/{kind}/geometry-{geometry}{extension}", voxels("int16"), geometry, compressed)


META = """ObjectType = Image
NDims = {ndims}
BinaryData = True
BinaryDataByteOrderMSB = {msb}
CompressedData = {packed}
{extra}TransformMatrix = {matrix}
Offset = {offset}
ElementSpacing = {spacing}
DimSize = {size}
ElementType = {type}
ElementDataFile = {data}
"""

MET = {"i1": "MET_CHAR", "u1": "MET_UCHAR", "i2": "MET_SHORT", "u2": "MET_USHORT", "i4": "MET_INT", "u4": "MET_UINT",
       "i8": "MET_LONG_LONG", "u8": "MET_ULONG_LONG", "f4": "MET_FLOAT", "f8": "MET_DOUBLE"}


def meta(data, kind="i2", msb=False, packed=False, extra="", ndims=3):
    matrix = {2: "0 1 -1 0", 3: "0 1 0 -1 0 0 0 0 -1", 4: "0 1 0 0 -1 0 0 0 0 0 -1 0 0 0 0 1"}[ndims]
    numbers = lambda *values: " ".join(str(v) for v in values[:ndims])
    return META.format(ndims=ndims, msb=msb, packed=packed, extra=extra, matrix=matrix, offset=numbers(-10.5, 20.25, 30, 0),
                       spacing=numbers(0.5, 0.75, 2, 1), size=numbers(*SIZE[::-1], 1), type=MET[kind], data=data)


def write_metaimages(writer):
    """What SimpleITK reads but does not write."""
    for kind in MET:
        data = voxels(kind).astype(f">{kind}").tobytes()
        writer.text(f"meta/big-{kind}.mha", meta("LOCAL", kind, msb=True), data)
        writer.bytes(f"meta/big-{kind}.zraw", zlib.compress(data))
        extra = f"CompressedDataSize = {len(zlib.compress(data))}\n"
        writer.text(f"meta/big-{kind}.mhd", meta(f"big-{kind}.zraw", kind, msb=True, packed=True, extra=extra))
        writer.add(f"meta/big-{kind}.mha", "SimpleITK")
        writer.add(f"meta/big-{kind}.mhd", "SimpleITK")
    array = voxels("i2")
    data = array.tobytes()
    writer.bytes("meta/head.raw", b"seven b" + data)
    for size in (7, -1):
        writer.text(f"meta/head{size}.mhd", meta("head.raw", extra=f"HeaderSize = {size}\n"))
        writer.add(f"meta/head{size}.mhd", "SimpleITK", "HeaderSize")
    for number, plane in enumerate(array):
        writer.bytes(f"meta/slice{number + 1:03d}.raw", plane.tobytes())
    listed = "".join(f"slice{n:03d}.raw\n" for n in (3, 1, 2, 5, 4))
    for name, files in {"list": f"LIST\n{listed}", "list2d": f"LIST 2\n{listed}", "pattern": "slice%03d.raw 1 5 1",
                        "pattern-bare": "slice%03d.raw"}.items():
        writer.text(f"meta/{name}.mhd", meta(files))
        writer.add(f"meta/{name}.mhd", "SimpleITK", "one file a slice")
    writer.text("meta/four.mha", meta("LOCAL", ndims=4), data)
    writer.add("meta/four.mha", "SimpleITK", "NDims = 4")


NRRD = """NRRD0005
# by hand
type: {type}
dimension: 3
{space}sizes: 7 6 5
kinds: domain domain domain
endian: {endian}
encoding: {encoding}
key:=value
{extra}"""
DIRECTIONS = "space: {space}\nspace directions: (0,0.5,0) (-0.75,0,0) (0,0,2)\nspace origin: (1.5,-2.5,3)\n"


def nrrd(kind="int16", space="left-posterior-superior", endian="little", encoding="raw", extra=""):
    space = DIRECTIONS.format(space=space) if space else "spacings: 0.5 0.75 2\naxis mins: 1 2 3\n"
    return NRRD.format(type=kind, space=space, endian=endian, encoding=encoding, extra=extra)


def write_nrrds(writer):
    array = voxels("i2")
    data = array.tobytes()
    for kind in SITK_TYPES:
        big = voxels(kind).astype(np.dtype(kind).newbyteorder(">")).tobytes()
        writer.text(f"nrrd/big-{kind}.nrrd", nrrd({"float32": "float", "float64": "double"}.get(kind, kind), endian="big") + "\n", big)
        writer.add(f"nrrd/big-{kind}.nrrd", "SimpleITK")
    digits = data.hex()
    for name, text, body in [
        ("ras", nrrd(space="right-anterior-superior"), data),
        ("las", nrrd(space="left-anterior-superior"), data),
        ("right-handed", nrrd(space="3D-right-handed"), data),
        ("spacings", nrrd(space=""), data),
        ("node", nrrd(space="", extra="centers: node node node\n"), data),
        ("text", nrrd(encoding="ascii"), "\n".join(str(v) for v in array.ravel()).encode() + b"\n"),
        ("hex", nrrd(encoding="hex"), "\n".join(digits[i : i + 60] for i in range(0, len(digits), 60)).encode() + b"\n"),
        ("gzip", nrrd(encoding="gzip"), gzip.compress(data)),
        ("last", nrrd(extra="byte skip: -1\n"), b"anything" + data),
        ("lines", nrrd(extra="line skip: 2\nbyte skip: 3\n"), b"one\ntwo\nxyz" + data),
    ]:
        writer.text(f"nrrd/{name}.nrrd", text + "\n", body)
        writer.add(f"nrrd/{name}.nrrd", "SimpleITK")
    for number, plane in enumerate(array):
        writer.bytes(f"nrrd/slice{number + 1:03d}.raw", plane.tobytes())
    listed = "".join(f"slice{n:03d}.raw\n" for n in (3, 1, 2, 5, 4))
    writer.text("nrrd/list.nhdr", nrrd(extra=f"data file: LIST\n{listed}"))
    writer.text("nrrd/pattern.nhdr", nrrd(extra="data file: slice%03d.raw 1 5 1 2\n"))
    for name in ("list", "pattern"):
        writer.add(f"nrrd/{name}.nhdr", "SimpleITK", "one file a slice")


def ras_affine(geometry):
    spacing, origin, direction = GEOMETRIES[geometry]
    affine = np.eye(4)
    affine[:3, :3] = np.asarray(direction) @ np.diag(spacing)
    affine[:3, 3] = origin
    return np.diag([-1, -1, 1, 1]) @ affine


def write_by_nibabel(writer):
    names = list(GEOMETRIES)
    for Image, extension in [
        (nib.Nifti1Image, ".nii"),
        (nib.Nifti1Image, ".nii.gz"),
        (nib.Nifti2Image, ".nii"),
        (nib.Nifti1Pair, ".hdr"),
        (nib.Nifti2Pair, ".img"),
    ]:
        for endian in ("<", ">"):
            for i, dtype in enumerate(SITK_TYPES):
                header = Image.header_class(endianness=endian)
                header.set_data_dtype(dtype)
                image = Image(voxels(dtype).T, ras_affine(names[i % len(names)]), header, dtype=dtype)
                side = "little" if endian == "<" else "big"
                name = f"nibabel/{Image.__name__}-{side}-{dtype}{extension}"
                nib.save(image, writer.path(name))
                writer.add(name, "nibabel")
    for geometry in names:
        for which in ("sform", "qform", "both", "neither", "differing"):
            image = nib.Nifti1Image(voxels("i2").T, None)
            image.header.set_zooms(GEOMETRIES[geometry][0])
            affine = ras_affine(geometry)
            has_sform, has_qform = which in ("sform", "both", "differing"), which in ("qform", "both", "differing")
            other = ras_affine("anisotropic") if which == "differing" else affine
            image.set_sform(affine if has_sform else None, int(has_sform))
            image.set_qform(other if has_qform else None, int(has_qform))
            name = f"nibabel/{which}-{geometry}.nii"
            nib.save(image, writer.path(name))
            writer.add(name, "nibabel", which)
            if which in ("qform", "both", "sform"):
                writer.add(name, "SimpleITK", which)
    for slope, inter in [(1, -1024), (2, 0), (0.5, 10), (0.1, 0), (0.1, -1024.3), (1e-3, 1e3), (-1, 0)]:
        for dtype in SITK_TYPES:
            image = nib.Nifti1Image(voxels(dtype).T, np.eye(4), dtype=dtype)
            image.header.set_slope_inter(slope, inter)
            name = f"nibabel/scaled-{dtype}-{slope}-{inter}.nii"
            # nibabel's own writer would rescale the voxels: the header says so, and they are written as they are.
            with open(writer.path(name), "wb") as file:
                header = image.header.copy()
                header["magic"], header["vox_offset"] = b"n+1", 352
                file.write(header.binaryblock + b"\0\0\0\0" + voxels(dtype).tobytes())
            writer.add(name, "nibabel", "scl_slope")
    floats = np.random.default_rng(3).normal(0, 500, SIZE)
    image = nib.Nifti1Image(floats.T, np.eye(4))
    image.set_data_dtype(np.int16)
    nib.save(image, writer.path("nibabel/rescaled-by-nibabel.nii.gz"))
    writer.add("nibabel/rescaled-by-nibabel.nii.gz", "nibabel", "scl_slope")
    series = nib.Nifti1Image(voxels("i2").T[..., None, None], ras_affine("oblique"))
    nib.save(series, writer.path("nibabel/five-axes.nii.gz"))
    writer.add("nibabel/five-axes.nii.gz", "nibabel", "axes of one element")
    metres = nib.Nifti1Image(voxels("i2").T, ras_affine("anisotropic"))
    metres.header.set_xyzt_units(1)
    nib.save(metres, writer.path("nibabel/metres.nii"))
    writer.add("nibabel/metres.nii", "SimpleITK", "xyzt_units")


def write(folder):
    writer = Writer(folder)
    write_by_sitk(writer)
    write_metaimages(writer)
    write_nrrds(writer)
    write_by_nibabel(writer)
    return writer.cases


def read(folder):
    cases = []
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if name.endswith((".raw", ".zraw", ".gz")) and not name.endswith(".nii.gz"):
            continue
        cases.append({"file": name, "peer": "SimpleITK", "note": "", **by_sitk(path)})
        if ".nii" in name:
            cases.append({"file": name, "peer": "nibabel", "note": "", **by_nibabel(path)})
    return cases


if __name__ == "__main__":
    command, folder = sys.argv[1:]
    json.dump({"write": write, "read": read}[command](folder), sys.stdout)
