"""Runs a notebook from top to bottom with its own kernel, and prints every output as JSON, cell by cell."""

import json
import sys

import nbformat
from nbclient import NotebookClient

path, folder = sys.argv[1:]
notebook = nbformat.read(path, as_version=4)
nbformat.validate(notebook)
NotebookClient(notebook, timeout=300, resources={"metadata": {"path": folder}}).execute()
print(json.dumps([cell.outputs for cell in notebook.cells if cell.cell_type == "code"]))
