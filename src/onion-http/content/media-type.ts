import mime from 'mime-types';

/** The media type by a name's extension, with a charset for text; for others plain bytes. */
export function mediaTypeOf(name: string): string {
  const type = mime.lookup(name);
  return type === false ? 'application/octet-stream' : mime.contentType(type) || type;
}
