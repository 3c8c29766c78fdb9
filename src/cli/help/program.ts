/** The program's name, and what it is for in one sentence. */
export const PROGRAM = "massive-backfill";
export const ABOUT =
  "Brings years of 1-minute bars from Massive.com (formerly Polygon.io) into a local SQLite cache and into Postgres, and keeps them complete.";
