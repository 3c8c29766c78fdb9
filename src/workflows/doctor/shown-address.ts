import { withoutLogin } from "../../core/settings.ts";

/** An address of a server without the user and the password that it may hold, which no output may show. */
export function shownAddress(address: string): string {
  const url = URL.parse(address);
  // Of what is no address, nobody knows which part is a password.
  if (url === null || !url.protocol.startsWith("http")) return withoutLogin(address);
  if (url.username + url.password === "") return address;
  return address.replace(/\/\/[^/?#]*@/, "//…@");
}
