"""Whether two DICOM files hold the same pixels: the very frames if compressed, else the same values. pydicom may not warn."""
import json, sys, warnings
import pydicom
from pydicom.encaps import generate_frames

warnings.simplefilter('error')


def pixels(ds):
    syntax = ds.file_meta.TransferSyntaxUID
    if syntax.is_compressed and not syntax.is_deflated:
        return [bytes(frame) for frame in generate_frames(ds.PixelData, number_of_frames=1)]
    return [ds.pixel_array.astype('<i4').tobytes()]


source, kept = (pydicom.dcmread(path) for path in sys.argv[1:])
print(json.dumps({
    'same': pixels(source) == pixels(kept),
    'syntax': kept.file_meta.TransferSyntaxUID,
    'tags': [str(e.tag) for e in kept] == sorted(str(e.tag) for e in kept),
}))
