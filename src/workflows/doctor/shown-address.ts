/** An address of a server without the user and the password that it may hold, which no output may show. */
export function shownAddress(address: string): string {
  const url = URL.parse(address);
  if (url === null || url.username + url.password === "") return address;
  return address.replace(/\/\/[^/?#]*@/, "//…@");
}
