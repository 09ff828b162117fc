import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  S3Client,
  paginateListObjectsV2,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { networkFault, silenceMs } from './network-fault.js';
import { checkedHash, type Collected, type Content, type KeptPlace } from './place.js';
import { s3Fault } from './s3-fault.js';

const connectMs = 10_000;
const wholeBytes = 16 << 20; // up to here in one request, above in parts of this size, each with a checksum
const youngMs = 10 * 60_000; // an object of this age is young enough for whoever counts on it
const fewHashes = 500; // above, the bucket is listed: a thousand objects a request
const atOnce = 16; // requests
const probe = { key: 'probe', bytes: 1 << 20 };

/** A bucket of S3, or of a server that speaks as it does, below a prefix: sha256/ab/abcd…. Credentials,
 *  region and endpoint are what the AWS SDK finds in the environment, its files or the machine's role. */
export class S3Place implements KeptPlace {
  readonly name: string;
  private readonly client: S3Client;

  /** `address`: s3://bucket/prefix. Throws a sentence where it is no such address. */
  constructor(address: string, silence = silenceMs) {
    const { bucket, prefix } = bucketOf(address);
    this.name = address;
    this.bucket = bucket;
    this.prefix = prefix;
    const custom = process.env['AWS_ENDPOINT_URL_S3'] || process.env['AWS_ENDPOINT_URL'];
    this.client = new S3Client({
      region: process.env['AWS_REGION'] || process.env['AWS_DEFAULT_REGION'] || 'us-east-1',
      ...(custom ? { endpoint: custom, forcePathStyle: true } : {}),
      maxAttempts: 2, // what stays away is waited for by the store
      responseChecksumValidation: 'WHEN_REQUIRED', // every read is held to its sha256 anyway
      requestHandler: { connectionTimeout: connectMs, socketTimeout: silence },
    });
  }

  private readonly bucket: string;
  private readonly prefix: string;

  async sizes(hashes: readonly string[]): Promise<Map<string, number>> {
    if (hashes.length > fewHashes) {
      const wanted = new Set(hashes);
      const found = new Map<string, number>();
      for await (const { hash, bytes } of this.contents()) if (wanted.has(hash)) found.set(hash, bytes);
      return found;
    }
    const found = new Map<string, number>();
    for (let from = 0; from < hashes.length; from += atOnce) {
      const some = hashes.slice(from, from + atOnce);
      const heads = await Promise.all(some.map((hash) => this.head(hash)));
      for (const [i, head] of heads.entries()) if (head) found.set(some[i]!, head.ContentLength ?? 0);
    }
    return found;
  }

  /** An object is as old as its last writing: one that is no longer young is copied onto itself. One above 5
   *  GB can not be, and counts as missing, so that it is written again. */
  async renew(hash: string): Promise<number | null> {
    const head = await this.head(hash);
    if (!head) return null;
    const age = Date.now() - (head.LastModified?.getTime() ?? 0);
    if (age < youngMs) return head.ContentLength ?? 0;
    try {
      await this.client.send(
        new CopyObjectCommand({
          ...this.at(hash),
          CopySource: encodeURI(`${this.bucket}/${this.keyOf(hash)}`),
          MetadataDirective: 'REPLACE',
        }),
      );
      return head.ContentLength ?? 0;
    } catch (error) {
      if (isMissing(error) || (error as Error).name === 'InvalidRequest') return null;
      throw error;
    }
  }

  async read(hash: string): Promise<Readable | null> {
    try {
      const { Body: body } = await this.client.send(new GetObjectCommand(this.at(hash)));
      return body as Readable;
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  /** A small object is held to its sha256 by the server. */
  async write({ hash, file, bytes }: { hash: string; file: string; bytes: number }): Promise<void> {
    if (bytes <= wholeBytes) {
      const sum = Buffer.from(hash, 'hex').toString('base64');
      await this.client.send(
        new PutObjectCommand({ ...this.at(hash), Body: await readFile(file), ChecksumSHA256: sum }),
      );
      return;
    }
    const params = { ...this.at(hash), Body: createReadStream(file) };
    await new Upload({ client: this.client, params, partSize: partBytes(bytes), queueSize: 2 }).done();
  }

  async forget(hash: string): Promise<boolean> {
    await this.client.send(new DeleteObjectCommand(this.at(hash)));
    return true;
  }

  async probe(): Promise<void> {
    const at = { Bucket: this.bucket, Key: `${this.prefix}${probe.key}` };
    await this.client.send(new PutObjectCommand({ ...at, Body: Buffer.alloc(probe.bytes) }));
    await this.client.send(new DeleteObjectCommand(at));
  }

  faultOf(error: unknown) {
    const lost = networkFault(error);
    return lost ? { kind: 'away' as const, message: lost } : s3Fault(error);
  }

  async *contents(): AsyncIterable<Content> {
    for await (const { hash, bytes } of this.listed()) yield { hash, bytes };
  }

  /** S3 deletes whatever an object is by then: each is looked at once more right before. What is renewed
   *  within those milliseconds is lost, and found lost when it is read. */
  async collect({
    keep,
    before,
    dryRun,
  }: {
    keep: ReadonlySet<string>;
    before: number;
    dryRun: boolean;
  }): Promise<Collected> {
    const removed = { files: 0, bytes: 0 };
    for await (const { hash, bytes, changed } of this.listed()) {
      if (keep.has(hash) || changed > before) continue;
      if (!dryRun) {
        const head = await this.head(hash);
        if (!head || (head.LastModified?.getTime() ?? 0) > before) continue;
        await this.forget(hash);
      }
      removed.files++;
      removed.bytes += bytes;
    }
    if (!dryRun) await this.abortUploads(before);
    return removed;
  }

  private async *listed(): AsyncIterable<Content & { changed: number }> {
    const prefix = `${this.prefix}sha256/`;
    for await (const { Contents = [] } of paginateListObjectsV2(
      { client: this.client },
      { Bucket: this.bucket, Prefix: prefix },
    )) {
      for (const { Key = '', Size = 0, LastModified } of Contents) {
        const hash = Key.slice(Key.lastIndexOf('/') + 1);
        if (/^[0-9a-f]{64}$/.test(hash))
          yield { hash, bytes: Size, changed: LastModified?.getTime() ?? Infinity };
      }
    }
  }

  private async abortUploads(before: number): Promise<void> {
    const { Uploads = [] } = await this.client.send(
      new ListMultipartUploadsCommand({ Bucket: this.bucket, Prefix: `${this.prefix}sha256/` }),
    );
    for (const { Key, UploadId, Initiated } of Uploads)
      if ((Initiated?.getTime() ?? Infinity) < before)
        await this.client.send(new AbortMultipartUploadCommand({ Bucket: this.bucket, Key, UploadId }));
  }

  private async head(hash: string): Promise<HeadObjectCommandOutput | null> {
    try {
      return await this.client.send(new HeadObjectCommand(this.at(hash)));
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  private keyOf(hash: string): string {
    return `${this.prefix}sha256/${checkedHash(hash).slice(0, 2)}/${hash}`;
  }

  private at(hash: string): { Bucket: string; Key: string } {
    return { Bucket: this.bucket, Key: this.keyOf(hash) };
  }
}

/** S3 takes 10,000 parts. */
const partBytes = (bytes: number): number => Math.max(wholeBytes, Math.ceil(bytes / 9_000));

/** A bucket that is not there is no missing object. */
function isMissing(error: unknown): boolean {
  const { name } = error as Error;
  return name === 'NotFound' || name === 'NoSuchKey';
}

function bucketOf(address: string): { bucket: string; prefix: string } {
  const [, bucket, path = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(address) ?? [];
  if (!bucket) throw new Error(`ARTIFACTS is "${address}"; expected s3://bucket/prefix`);
  const prefix = path.replace(/\/+$/, '');
  return { bucket, prefix: prefix && `${prefix}/` };
}
