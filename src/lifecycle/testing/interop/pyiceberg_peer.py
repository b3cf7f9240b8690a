"""PyIceberg on a catalog in SQLite."""

import base64
import datetime
import decimal
import uuid

import pyarrow as pa
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import CommitFailedException
from pyiceberg.expressions import EqualTo, IsNull
from pyiceberg.types import (
    BinaryType,
    BooleanType,
    DateType,
    DecimalType,
    DoubleType,
    IntegerType,
    LongType,
    StringType,
    TimestampType,
    TimestamptzType,
    TimeType,
    UUIDType,
)

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


def scan(table, snapshot=None, branch=None):
    """Rows of texts, by id."""
    loaded = load(table)
    if branch is not None:
        snapshot = loaded.snapshot_by_name(branch).snapshot_id
    arrow = loaded.scan(snapshot_id=snapshot and int(snapshot)).to_arrow()
    rows = [{name: text(value) for name, value in row.items()} for row in arrow.to_pylist()]
    return sorted(rows, key=lambda row: int(row["id"]))


def find(table, column, value):
    """The ids of the rows that have this value, and how many data files were opened to find them."""
    loaded = load(table)
    condition = IsNull(column) if value is None else EqualTo(column, literal(loaded.schema().find_type(column), value))
    found = loaded.scan(row_filter=condition, selected_fields=("id",))
    return {"ids": sorted(found.to_arrow()["id"].to_pylist()), "files": len(list(found.plan_files()))}


def literal(type, value):
    """A text as PyIceberg takes it for a type."""
    if isinstance(type, BinaryType):
        return base64.b64decode(value)
    if isinstance(type, BooleanType):
        return value == "true"
    return value.replace("Z", "+00:00") if isinstance(type, TimestamptzType) else value


def types(table):
    return [f"{field.field_id} {field.name} {field.field_type}" for field in load(table).schema().fields]


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
            schema = loaded.schema()
            columns = [pa.array([value(schema.find_type(name), row[name]) for row in rows], schema.as_arrow().field(name).type) for name in rows[0]]
            try:
                loaded.append(pa.table(columns, list(rows[0])))
                break
            except CommitFailedException:
                continue


def value(type, written):
    """A text as the object that Arrow takes for a type."""
    if written is None:
        return None
    plain = literal(type, written)
    if isinstance(type, (IntegerType, LongType)):
        return int(plain)
    if isinstance(type, DoubleType):
        return float(plain)
    if isinstance(type, DecimalType):
        return decimal.Decimal(plain)
    if isinstance(type, UUIDType):
        return uuid.UUID(plain).bytes
    of = {DateType: datetime.date, TimeType: datetime.time, TimestampType: datetime.datetime, TimestamptzType: datetime.datetime}
    return of[type.__class__].fromisoformat(plain) if type.__class__ in of else plain


def delete(table, filter):
    load(table).delete(filter)


def evolve(table, add=None, rename=None, drop=None):
    """`add` names columns of text."""
    with load(table).update_schema() as update:
        for name in add or []:
            update.add_column(name, StringType())
        for name, to in (rename or {}).items():
            update.rename_column(name, to)
        for name in drop or []:
            update.delete_column(name)


def create(table, like):
    """A table with the columns of another one."""
    catalog, rest = table.split(".", 1)
    catalogs[catalog].create_namespace_if_not_exists(rest.rsplit(".", 1)[0])
    catalogs[catalog].create_table(rest, load(like).schema())


serve(
    {
        "open": open_catalog,
        "scan": scan,
        "find": find,
        "types": types,
        "history": history,
        "partitions": partitions,
        "append": append,
        "delete": delete,
        "evolve": evolve,
        "create": create,
    }
)
