"""What SimpleITK reads: of a DICOM folder, or of an image file. Prints geometry and the SHA-256 of the voxels."""
import hashlib, json, os, sys
import SimpleITK as sitk

path = sys.argv[1]
if os.path.isdir(path):
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(path))
    image = reader.Execute()
else:
    image = sitk.ReadImage(path)
voxels = sitk.GetArrayFromImage(image).astype('<i2').tobytes()
print(json.dumps({
    'size': image.GetSize(), 'spacing': image.GetSpacing(), 'origin': image.GetOrigin(),
    'direction': image.GetDirection(), 'voxels': hashlib.sha256(voxels).hexdigest(),
}))
