/** How each system opens an address in its browser. */
const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};

/** Opens an address in the browser; whether there is something that opens it. What it says is nobody's business. */
export function openBrowser(url: string): boolean {
  const command = OPENERS[process.platform] ?? ["xdg-open"];
  try {
    Bun.spawn([...command, url], { stdin: "ignore", stdout: "ignore", stderr: "ignore" }).unref();
    return true;
  } catch {
    // A machine without a desktop: the address is printed anyway.
    return false;
  }
}
