/** How long one statement, or one piece of a COPY, may go without an answer. */
export const STALL_TIMEOUT_MS = 300_000;
