import type { Overview } from "./answers.ts";

/** A view; once made it stays, hidden while another one is shown. */
export interface View {
  /** Shows what is in the cache now, without disturbing the reader. */
  refresh(overview: Overview): Promise<void>;
  /** Shows another question of the same view; views without questions have none. */
  ask?(query: URLSearchParams): Promise<void>;
}
