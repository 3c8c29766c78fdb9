import type { Dataset } from "../../core/datasets.ts";
import { datasetOfKey, dayFileOf } from "../flatfiles/keys.ts";
import type { Library } from "../flatfiles/library.ts";
import type { Answer, Incoming } from "../http/answer.ts";
import { jsonAnswer, withoutContent } from "../http/answer.ts";
import { s3Error } from "./errors.ts";
import { listObjects } from "./listing.ts";
import type { ListingSettings } from "./listing.ts";
import { getObject } from "./objects.ts";
import { signatureError } from "./signature.ts";
import type { Credentials } from "./signature.ts";

export interface S3Settings extends ListingSettings {
  readonly credentials: Credentials;
  /** First date that the plan may GET; null: nothing of the dataset; undefined: everything. */
  readonly planFrom: () => Partial<Record<Dataset, string | null>>;
}

/** The S3 side of the look-alike: path style, one bucket, reading only. */
export class S3Service {
  readonly #library: Library;
  readonly #settings: S3Settings;

  constructor(library: Library, settings: S3Settings) {
    this.#library = library;
    this.#settings = settings;
  }

  async answer(request: Incoming): Promise<Answer> {
    const answer =
      signatureError(request, this.#settings.credentials, Date.now()) ?? (await this.#signed(request));
    return request.method === "HEAD" ? withoutContent(answer) : answer;
  }

  async #signed(request: Incoming): Promise<Answer> {
    if (request.method !== "GET" && request.method !== "HEAD")
      return s3Error(405, "MethodNotAllowed", "The specified method is not allowed against this resource.");
    const [, bucket = "", ...rest] = request.path.split("/");
    if (bucket !== this.#settings.bucket)
      return s3Error(404, "NoSuchBucket", "The specified bucket does not exist", { BucketName: bucket });
    const key = rest.join("/");
    return key === "" ? this.#bucket(request) : this.#object(request, key);
  }

  async #bucket(request: Incoming): Promise<Answer> {
    if (request.query.get("list-type") === "2")
      return listObjects(this.#library, this.#settings, request.query);
    return s3Error(501, "NotImplemented", "The sandbox knows ListObjectsV2, GetObject and HeadObject.");
  }

  // Massive answers in JSON here, unlike S3, and does so although it lists the key.
  async #object(request: Incoming, key: string): Promise<Answer> {
    if (!this.#inPlan(key)) return jsonAnswer(403, { status: "NOT_AUTHORIZED", message: "forbidden" });
    const object = await this.#library.find(key);
    if (object === undefined)
      return s3Error(404, "NoSuchKey", "The specified key does not exist.", { Key: key });
    return getObject(object, request);
  }

  #inPlan(key: string): boolean {
    const dataset = datasetOfKey(key);
    const from = dataset === undefined ? undefined : this.#settings.planFrom()[dataset];
    if (from === undefined) return true;
    const file = dayFileOf(key);
    return from !== null && (file === undefined || file.date >= from);
  }
}
