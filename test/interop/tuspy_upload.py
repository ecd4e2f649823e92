"""Uploads a file with tuspy, in chunks, after an interruption: URL AUTHORIZATION FILE."""

import sys

from tusclient.client import TusClient

url, authorization, path = sys.argv[1:]
client = TusClient(url, headers={"Authorization": authorization})
first = client.uploader(path, chunk_size=100_000, metadata={"filename": "by tuspy"}, upload_checksum=True)
first.upload_chunk()
again = client.uploader(path, chunk_size=150_000, url=first.url)
assert again.offset == 100_000, again.offset
again.upload()
