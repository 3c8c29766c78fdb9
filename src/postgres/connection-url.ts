import { BackfillError } from "../core/errors.ts";

/** One thing that a connection string says. */
export interface Given {
  /** Empty if nothing says it. */
  readonly text: string;
  /** What says it, for people: the database URL or a variable. */
  readonly place: string;
}

/** A connection string, taken apart. */
export interface ConnectionUrl {
  /** Of `user:password@host:port/database`; empty where left out. */
  readonly user: string;
  readonly password: string;
  readonly host: string;
  readonly port: string;
  readonly database: string;
  /** What a parameter says, empty if nothing. */
  parameter(name: string): string;
  /** What holds: the parameter `name`, else `part`, else the environment variable that rides along. */
  given(name: string, variable: string, part?: string): Given;
}

const PLACE = "the database URL";
const EXAMPLE = "postgresql://user:password@host:5432/database";
const FORM = `Write it as ${EXAMPLE}; in the user and the password, write @ : / ? # % as %40 %3A %2F %3F %23 %25.`;
/** A URL cannot have a user or a port and no host; a connection string can. */
const NO_HOST = "no-host.invalid";

/** Takes a connection string apart. Throws a `settings` error that never repeats the string. */
export function parseConnectionUrl(text: string): ConnectionUrl {
  const url = parseUrl(text);
  // In a form's data a + is a space; in a connection string it is a +.
  const parameters = new URLSearchParams(url.search.replaceAll("+", "%2B"));
  const parameter = (name: string) => parameters.get(name) ?? "";
  return {
    user: decode(url.username),
    password: decode(url.password),
    host: url.hostname === NO_HOST ? "" : decode(url.hostname),
    port: url.port,
    database: decode(url.pathname.slice(1)),
    parameter,
    given(name, variable, part = "") {
      const own = parameter(name) || part;
      return own === "" ? { text: parameter(variable), place: variable } : { text: own, place: PLACE };
    },
  };
}

/** The error for something that cannot be used, in the database URL or in a variable. */
export function invalid(reason: string, place = PLACE, nextStep = nextStepFor(place)): BackfillError {
  return new BackfillError({
    kind: "settings",
    help: "postgres",
    operation: `read ${place}`,
    reason,
    nextStep,
  });
}

/** The error for a list of hosts. */
export function severalHosts(place = PLACE): BackfillError {
  return invalid(
    "it names several hosts; one is supported",
    place,
    "Name one host: the primary, which takes writes.",
  );
}

function nextStepFor(place: string): string {
  return place === PLACE ? FORM : `Correct ${place}, or leave it unset.`;
}

function parseUrl(text: string): URL {
  if (!/^postgres(?:ql)?:\/\//.test(text))
    throw invalid("it does not begin with postgresql:// or postgres://");
  if (/^[a-z]+:\/\/(?:[^/?#]*@)?[^/?#@]*,[^/?#@]*(?:[/?#]|$)/.test(text)) throw severalHosts();
  const url = URL.parse(text.replace(/^([a-z]+:\/\/(?:[^/?#]*@)?)(?=[:/?]|$)(?![^/?#]*@)/, `$1${NO_HOST}`));
  if (url === null)
    throw invalid("it is not a URL: the user or the password may have a character that must be escaped");
  // An unescaped # / or ? ends the part before it: the user would be taken for the host.
  const isCutShort = url.username === "" && `${url.pathname}${url.search}`.includes("@");
  if (url.hash !== "" || isCutShort)
    throw invalid("it has an unescaped # / or ? in the user or the password");
  return url;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid("it has a % that is not followed by two hexadecimal digits");
  }
}
