/**
 * The parts of a multipart/related body (RFC 2046 5.1), their headers left out. Undefined: the body is none, or ends before
 * its closing boundary.
 */
export function splitMultipart(body: Buffer, contentType: string): Buffer[] | undefined {
  const boundary = /;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType)?.slice(1).find(Boolean);
  if (!/^multipart\/related/i.test(contentType) || boundary === undefined) return undefined;
  const delimiter = Buffer.from(`--${boundary}`);
  const parts: Buffer[] = [];
  let start = body.indexOf(delimiter);
  while (start !== -1) {
    const after = start + delimiter.length;
    if (body.toString('latin1', after, after + 2) === '--') return parts;
    const content = body.indexOf('\r\n\r\n', after);
    // The line break before a delimiter belongs to the delimiter; what a part holds may look like one without it.
    const end = content === -1 ? -1 : body.indexOf(Buffer.concat([Buffer.from('\r\n'), delimiter]), content + 2);
    if (end === -1) return undefined;
    parts.push(body.subarray(content + 4, Math.max(content + 4, end)));
    start = end + 2;
  }
  return undefined;
}
