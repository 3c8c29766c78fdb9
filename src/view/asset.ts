/** A file of the page, as it is served. */
export interface Asset {
  readonly type: string;
  readonly body: string;
}
