/** An object of the bench's server: a file on disk. */
export interface ServedObject {
  readonly key: string;
  readonly path: string;
  readonly sizeBytes: number;
  /** The MD5 of the file, hex. */
  readonly etag: string;
}

/** Answers ListObjectsV2 for `prefix`; all in one page. */
export function listingXml(objects: readonly ServedObject[], prefix: string): string {
  const found = objects.filter(({ key }) => key.startsWith(prefix));
  const contents = found.map(
    ({ key, etag, sizeBytes }) =>
      `<Contents><Key>${key}</Key><LastModified>2025-03-04T16:00:00.000Z</LastModified>` +
      `<ETag>&quot;${etag}&quot;</ETag><Size>${sizeBytes}</Size><StorageClass>STANDARD</StorageClass></Contents>`,
  );
  return (
    `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">` +
    `<Name>flatfiles</Name><Prefix>${prefix}</Prefix><KeyCount>${found.length}</KeyCount><MaxKeys>1000</MaxKeys>` +
    `<IsTruncated>false</IsTruncated>${contents.join("")}</ListBucketResult>`
  );
}

/** A range of bytes; `end` is not part of it. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** The range that a `Range` header asks for: undefined for none, null for one that the object does not have. */
export function rangeOf(header: string | null, sizeBytes: number): ByteRange | null | undefined {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(header ?? "") ?? [];
  if (first === undefined) return undefined;
  const end = last === undefined || last === "" ? sizeBytes : Math.min(Number(last) + 1, sizeBytes);
  return Number(first) < end ? { start: Number(first), end } : null;
}
