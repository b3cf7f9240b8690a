"""PyIceberg on a catalog in SQLite."""

import sys

import pyarrow as pa
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import CommitFailedException

from peer import serve, text

catalogs = {}


def open_catalog(name, **properties):
    """Anew each time: nothing is known from before."""
    catalogs[name] = SqlCatalog(name, **properties)
    catalog = catalogs[name]
    return sorted(".".join(table) for space in catalog.list_namespaces() for table in catalog.list_tables(space))


def load(table):
    catalog, rest = table.split(".", 1)
    return catalogs[catalog].load_table(rest)


def scan(table, filter="true", snapshot=None, branch=None):
    """Rows as text, by the first column, and how many data files were opened for them."""
    loaded = load(table)
    if branch is not None:
        snapshot = loaded.snapshot_by_name(branch).snapshot_id
    found = loaded.scan(**({} if filter == "true" else {"row_filter": filter}), snapshot_id=snapshot and int(snapshot))
    arrow = found.to_arrow()
    columns = [decoded(column) for column in arrow.columns]
    rows = sorted(([text(value) for value in row] for row in zip(*columns)), key=lambda row: (len(row[0] or ""), row[0] or ""))
    return {"columns": arrow.column_names, "rows": rows, "files": len(list(found.plan_files()))}


def decoded(column):
    return column.to_pylist()


def types(table):
    return {field.name: str(field.field_type) for field in load(table).schema().fields}


def history(table):
    return [
        {"id": str(snapshot.snapshot_id), "operation": snapshot.summary.operation.value, **snapshot.summary.additional_properties}
        for snapshot in load(table).metadata.snapshots
    ]


def partitions(table):
    """The values of each partition, and how many rows and files it has."""
    found = load(table).inspect.partitions().to_pylist()
    rows = [[*[text(value) for value in row["partition"].values()], row["record_count"], row["file_count"]] for row in found]
    return sorted(rows, key=str)


def append(table, rows, times=1):
    """Rows as texts, in as many commits as are wanted, each as often as it takes."""
    for _ in range(times):
        while True:
            loaded = load(table)
            names = [name for name in loaded.schema().as_arrow().names if name in rows[0]]
            given = pa.table({name: pa.array([row[name] for row in rows], pa.string()) for name in names})
            try:
                loaded.append(given.cast(pa.schema([loaded.schema().as_arrow().field(name) for name in names])))
                break
            except CommitFailedException:
                continue


def delete(table, filter):
    load(table).delete(filter)


def evolve(table, add=None, rename=None, drop=None):
    """`add` names columns of text."""
    from pyiceberg.types import StringType

    with load(table).update_schema() as update:
        for name in add or []:
            update.add_column(name, StringType())
        for name, to in (rename or {}).items():
            update.rename_column(name, to)
        for name in drop or []:
            update.delete_column(name)


def create(table, columns):
    """A table of columns whose types have names of Arrow."""
    catalog, rest = table.split(".", 1)
    schema = pa.schema([(name, pa.type_for_alias(alias)) for name, alias in columns.items()])
    catalogs[catalog].create_namespace_if_not_exists(rest.rsplit(".", 1)[0])
    catalogs[catalog].create_table(rest, schema)


serve(
    {
        "open": open_catalog,
        "scan": scan,
        "types": types,
        "history": history,
        "partitions": partitions,
        "append": append,
        "delete": delete,
        "evolve": evolve,
        "create": create,
    }
)
