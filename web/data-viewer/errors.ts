import { defineErrors } from 'coded-error';

export const viewError = defineErrors({
  VIEW_NOTHING_THERE: {
    message: 'there is nothing at {path}',
    hint: 'Give a dataset folder (`lungate data phantom` makes one), a DICOM folder or zip, or a scan such as scan.nii.gz.',
  },
  VIEW_NO_SCAN: {
    message: '{path} is no dataset, and holds no DICOM series of slices',
    hint: 'Give a dataset folder (`lungate data phantom` makes one), a DICOM folder or zip, or a scan such as scan.nii.gz.',
  },
  VIEW_PORT_TAKEN: {
    message: 'port {port} is taken by another program',
    hint: 'Leave --port out and a free one is found, or give another.',
  },
  VIEW_SCAN_UNKNOWN: {
    message: 'there is no scan number {scan}; the dataset has {count}',
    hint: 'Choose a scan of the list.',
    status: 404,
  },
  VIEW_PLACE_INVALID: {
    message: '{problem}',
    hint: 'Ask as the page does: ?xyz=<x>,<y>,<z> in millimetres, LPS, and optionally count and seed.',
    status: 400,
  },
  VIEW_HOST_REFUSED: {
    message: 'this viewer answers on this machine only, not as {host}',
    hint: 'Open it as http://localhost with the port the command named; from another machine through `ssh -L`.',
    status: 403,
  },
  VIEW_NO_SUCH_PAGE: {
    message: 'there is nothing at this address',
    hint: 'Start at the address that the command named.',
    status: 404,
  },
  VIEW_FAILED: {
    message: 'the viewer failed; the terminal it was started in says why',
    hint: 'This is a defect of lungate. Please report it with the lines on that terminal.',
  },
});
