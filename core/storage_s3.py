"""The object store in an S3 bucket: Amazon's own or another maker's (MinIO, Garage, R2)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import boto3
from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from core.errors import ObjectMissing, StorageError
from core.settings import S3Settings
from core.storage import StoredObject, check_key, is_key


class S3Storage:
    """Objects in a bucket that exists already."""

    def __init__(self, settings: S3Settings) -> None:
        self._bucket = settings.bucket
        self._client = _client(settings)

    def put(self, key: str, data: bytes, content_type: str) -> None:
        check_key(key)
        with _s3_errors(key):
            self._client.put_object(Bucket=self._bucket, Key=key, Body=data, ContentType=content_type)

    def put_file(self, key: str, path: Path, content_type: str) -> None:
        check_key(key)
        with _s3_errors(key):
            self._client.upload_file(str(path), self._bucket, key, ExtraArgs={"ContentType": content_type})

    def get(self, key: str) -> bytes:
        check_key(key)
        with _s3_errors(key):
            data: bytes = self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
            return data

    def delete(self, key: str) -> None:
        check_key(key)
        with _s3_errors(key):
            self._client.delete_object(Bucket=self._bucket, Key=key)

    def exists(self, key: str) -> bool:
        check_key(key)
        try:
            with _s3_errors(key):
                self._client.head_object(Bucket=self._bucket, Key=key)
        except ObjectMissing:
            return False
        return True

    def keys(self, prefix: str = "") -> Iterator[StoredObject]:
        with _s3_errors(prefix):
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
            for page in pages:
                for entry in page.get("Contents", ()):
                    if is_key(entry["Key"]):
                        yield StoredObject(
                            key=entry["Key"], size=entry["Size"], modified=entry["LastModified"]
                        )

    def tidy(self, before: datetime) -> None:
        """A bucket has no folders and no halves of objects."""

    def url(self, key: str, expires_s: int) -> str | None:
        check_key(key)
        with _s3_errors(key):
            address: str = self._client.generate_presigned_url(
                "get_object", Params={"Bucket": self._bucket, "Key": key}, ExpiresIn=expires_s
            )
            return address


def make_bucket(settings: S3Settings) -> None:
    """Make the bucket where it is not there yet; raises StorageError where that cannot be done."""
    client = _client(settings)
    try:
        with _s3_errors(settings.bucket):
            client.head_bucket(Bucket=settings.bucket)
    except ObjectMissing:
        place: dict[str, Any] = {}
        if settings.region != "us-east-1":
            # Amazon wants every region but its first one named.
            place = {"CreateBucketConfiguration": {"LocationConstraint": settings.region}}
        with _s3_errors(settings.bucket):
            client.create_bucket(Bucket=settings.bucket, **place)


def _client(settings: S3Settings) -> Any:
    return boto3.session.Session().client(
        "s3",
        endpoint_url=settings.endpoint_url,
        region_name=settings.region,
        aws_access_key_id=settings.access_key,
        aws_secret_access_key=settings.secret_key,
        config=Config(
            connect_timeout=3,
            read_timeout=20,
            retries={"mode": "standard", "total_max_attempts": 4},
            signature_version="s3v4",
            # Other makers' S3 servers know neither virtual hosts nor boto3's newer default checksums.
            s3={"addressing_style": "path" if settings.endpoint_url else "auto"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


@contextlib.contextmanager
def _s3_errors(key: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code"))
        if code in ("NoSuchKey", "404", "NotFound"):
            raise ObjectMissing(f"no object {key!r}") from error
        raise StorageError(f"{key!r}: the S3 server answered {code}") from error
    except (BotoCoreError, Boto3Error, OSError) as error:
        raise StorageError(f"{key!r}: {type(error).__name__}: {error}") from error
