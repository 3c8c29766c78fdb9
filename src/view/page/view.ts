/** A view while it is shown. */
export interface View {
  /** Shows what is in the cache now, without disturbing the reader. */
  refresh(): Promise<void>;
  /** Shows another question of the same view; views without questions have none. */
  ask?(query: URLSearchParams): Promise<void>;
  /** Lets go of what it listens to. */
  close(): void;
}
