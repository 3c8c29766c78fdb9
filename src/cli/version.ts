import packageJson from "../../package.json" with { type: "json" };

/** What the binary was built from; the build puts it in. */
declare const BUILD_COMMIT: string | undefined;
/** The machine it was built for, such as `linux-x64`. */
declare const BUILD_TARGET: string | undefined;

/** The version of the program. */
const VERSION: string = packageJson.version;

/** The version with the commit and the machine of the build: `0.1.0 (1a2b3c4, linux-x64)`. */
export function fullVersion(): string {
  const commit = typeof BUILD_COMMIT === "string" ? BUILD_COMMIT : "from source";
  const target =
    typeof BUILD_TARGET === "string"
      ? BUILD_TARGET
      : `${process.platform}-${process.arch}, bun ${Bun.version}`;
  return `${VERSION} (${commit}, ${target})`;
}
