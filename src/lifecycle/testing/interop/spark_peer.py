"""One Spark on a catalog in SQLite. Arguments: its name, the path of the database, and where the tables lie."""

import os
import sys

# Instants come as times of day of this zone.
os.environ["TZ"] = "UTC"

import datetime

from pyspark.sql import SparkSession
from pyspark.sql.types import TimestampType

from peer import serve, text

name, database, warehouse = sys.argv[1:4]
catalog = f"spark.sql.catalog.{name}"
settings = {
    "spark.jars": os.environ["INTEROP_SPARK_JARS"],
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
    catalog: "org.apache.iceberg.spark.SparkCatalog",
    f"{catalog}.type": "jdbc",
    f"{catalog}.uri": f"jdbc:sqlite:{database}",
    f"{catalog}.warehouse": warehouse,
    # What others committed meanwhile is to be seen.
    f"{catalog}.cache-enabled": "false",
    # Looking for the layout it leaves a statement open, and with that the database locked for everybody else.
    f"{catalog}.jdbc.init-catalog-tables": "false",
}
if warehouse.startswith("s3://"):
    # With the credentials of the environment.
    settings[f"{catalog}.io-impl"] = "org.apache.iceberg.aws.s3.S3FileIO"
    settings[f"{catalog}.s3.endpoint"] = os.environ["AWS_ENDPOINT_URL"]
    settings[f"{catalog}.s3.path-style-access"] = "true"
    settings[f"{catalog}.client.region"] = os.environ["AWS_REGION"]
builder = SparkSession.builder.master("local[2]")
for key, value in settings.items():
    builder = builder.config(key, value)
spark = builder.getOrCreate()
spark.sparkContext.setLogLevel("ERROR")


def sql(query):
    """Rows as text."""
    frame = spark.sql(query)
    zoned = [isinstance(field.dataType, TimestampType) for field in frame.schema.fields]
    return [[text(instant(value) if zone else value) for value, zone in zip(row, zoned)] for row in frame.collect()]


def instant(value):
    return None if value is None else value.replace(tzinfo=datetime.timezone.utc)


serve({"sql": sql})
