"""Writes a CT of one patient, two studies thirty days apart, with a sentinel in every attribute of PS3.15 Table E.1-1."""
import csv, datetime, json, os, sys
import numpy as np
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag

profile, out = sys.argv[1:]
IDENTITY = {0x00100010, 0x00100020}
# What makes the files a readable CT is set apart below.
STRUCTURE = {0x00080016, 0x00080018, 0x0020000D, 0x0020000E, 0x00080020, 0x00080008, 0x00080060, 0x7FE00010}


def sentinel(tag, vr):
    name = f'QZX{tag:08X}'
    return {
        'UI': f'1.2.999.{tag}', 'DA': '19470815', 'DT': '19470815101112.131415', 'TM': '101112.131415', 'AS': '087Y',
        'DS': '918273.5', 'IS': '918273', 'US': 48879, 'SS': 12345, 'UL': 918273, 'FD': 918273.5, 'FL': 918273.5,
        'OB': name.encode() + b' ', 'OW': name.encode() + b' ', 'UN': name.encode() + b' ', 'AT': 0x00100010,
    }.get(vr, name)


def plain_vr(tag):
    try:
        return dictionary_VR(tag).split(' or ')[0]
    except KeyError:
        return 'LO'


def plant(tags):
    dataset = Dataset()
    for tag in tags:
        vr = plain_vr(tag)
        if vr == 'SQ':
            item = Dataset()
            item.PatientName = 'QZXNESTED^NAME'
            item.TextValue = 'QZXNESTEDTEXT'
            item.CodeMeaning = 'QZXNESTEDCODE'
            item.add(DataElement(0x00110010, 'LO', 'QZXCREATOR'))
            item.add(DataElement(0x00111010, 'LT', 'QZXNESTEDPRIVATE'))
            dataset.add(DataElement(tag, 'SQ', Sequence([item])))
        else:
            dataset.add(DataElement(tag, vr, sentinel(tag, vr)))
    dataset.add(DataElement(0x00090010, 'LO', 'QZXCREATOR'))
    dataset.add(DataElement(0x00091001, 'UT', 'QZXPRIVATE'))
    dataset.add(DataElement(0x00091002, 'SQ', Sequence([Dataset()])))
    dataset.add(DataElement(0x0018FFF1, 'LO', 'QZXUNKNOWN'))
    dataset.add(DataElement(0x00180041, 'UN', b'QZXUNVR '))
    dataset.add(DataElement(0x50000010, 'US', 7))
    dataset.add(DataElement(0x50003000, 'OB', b'QZXCURVE'))
    dataset.add(DataElement(0x60000010, 'US', 64))
    dataset.add(DataElement(0x60003000, 'OB', b'QZXOVERLAY'))
    dataset.add(DataElement(0x60024000, 'LT', 'QZXOVERLAYTEXT'))
    return dataset


rows = [row['tag'] for row in csv.DictReader(open(profile))]
tags = [int(tag, 16) for tag in rows if 'X' not in tag and tag != 'PRIVATE']
# Command and meta elements may not stand in a data set.
tags = [tag for tag in tags if tag >> 16 not in (0x0000, 0x0002)]

for study, day in enumerate((datetime.date(1947, 8, 15), datetime.date(1947, 9, 14))):
    os.makedirs(f'{out}/study{study}', exist_ok=True)
    for index in range(4):
        meta = FileMetaDataset()
        meta.TransferSyntaxUID = '1.2.840.10008.1.2.1'
        meta.MediaStorageSOPClassUID = '1.2.840.10008.5.1.4.1.1.2'
        meta.MediaStorageSOPInstanceUID = f'1.2.999.1.{study}.{index}'
        meta.SourceApplicationEntityTitle = 'QZXAE'
        meta.PrivateInformationCreatorUID = '1.2.999.77'
        meta.PrivateInformation = b'QZXPRIVATEMETA'
        ds = FileDataset('', {}, file_meta=meta, preamble=b'QZXPREAMBLE'.ljust(128, b'\0'))
        ds.update(plant([tag for tag in tags if tag not in STRUCTURE]))
        detail = Dataset()
        detail.CTExposureSequence = Sequence([plant(tags)])
        ds.add(DataElement(0x00189301, 'SQ', Sequence([detail])))
        ds.SpecificCharacterSet = 'ISO_IR 100'
        ds.PatientName = 'QZXM\xfcller^Person'
        ds.ImageType = ['ORIGINAL', 'PRIMARY', 'AXIAL']
        ds.SOPClassUID, ds.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
        ds.StudyInstanceUID, ds.SeriesInstanceUID = f'1.2.999.2.{study}', f'1.2.999.3.{study}'
        ds.FrameOfReferenceUID = f'1.2.999.4.{study}'
        ds.StudyDate = ds.SeriesDate = day.strftime('%Y%m%d')
        ds.Modality, ds.Manufacturer, ds.ConvolutionKernel, ds.KVP = 'CT', 'ACME', 'B30f', '120'
        ds.SoftwareVersions = 'VA1 for QZXM\xfcller'
        reference = Dataset()
        reference.ReferencedSOPClassUID = ds.SOPClassUID
        reference.ReferencedSOPInstanceUID = f'1.2.999.1.{study}.{(index + 1) % 4}'
        reference.StudyComments = 'QZXINREFERENCE'
        ds.ReferencedImageSequence = Sequence([reference])
        ds.InstanceNumber = index + 1
        ds.ImagePositionPatient, ds.ImageOrientationPatient = [-10, -20, 2.5 * index], [1, 0, 0, 0, 1, 0]
        ds.PixelSpacing, ds.SliceThickness = [0.7, 0.7], '2.5'
        ds.Rows = ds.Columns = 16
        ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, 'MONOCHROME2'
        ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
        ds.RescaleSlope, ds.RescaleIntercept = '1', '-1024'
        ds.PixelData = np.full((16, 16), 1024 + 10 * index + study, '<u2').tobytes()
        ds.add(DataElement(0xFFFCFFFC, 'OB', b'QZXPADDING'))
        ds.save_as(f'{out}/study{study}/QZX{index}.dcm', enforce_file_format=True)
print(json.dumps({'planted': len(tags)}))
