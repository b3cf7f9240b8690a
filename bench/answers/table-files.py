"""Prints the data files of the table that a bench wrote, as PyIceberg finds them: a JSON array of paths."""

import json
import sys

from pyiceberg.catalog.sql import SqlCatalog

folder = sys.argv[1]
catalog = SqlCatalog("bench", uri=f"sqlite:///{folder}/catalog.db", warehouse=f"file://{folder}")
files = catalog.load_table("people.rows").scan().plan_files()
print(json.dumps([task.file.file_path.removeprefix("file://") for task in files]))
