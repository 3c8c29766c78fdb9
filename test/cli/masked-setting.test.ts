import { describe, expect, test } from "bun:test";
import { maskedSetting } from "../../src/cli/masked-setting.ts";

const SECRET = { variable: "X", meaning: "x", secret: true };

describe("maskedSetting", () => {
  test.each([
    ["abcdefghijklmnopqrstuvwxyz", "abcd…, 26 characters"],
    ["fifteen-letters", "15 characters"],
    ["postgres://me:pass%2Fword@host:5432/market", "postgres://me:…@host:5432/market"],
    ["postgres://host/db?user=me&password=secret", "postgres://host/db?…"],
    ["postgres://me@/db?host=/run/postgresql", "38 characters"],
    ["postgres://me:2024/sEcretpw@127.0.0.1/db", "40 characters"],
    ["postgres://me:77#sEcretpw@127.0.0.1/db", "38 characters"],
    ["postgres://me:77?sEcretpw@127.0.0.1/db", "38 characters"],
    ["https://hc-ping.com/3f1b-secret", "https://hc-ping.com/…"],
  ])("shows of %s what gives nothing away", (value, shown) => {
    expect(maskedSetting(SECRET, value)).toBe(shown);
  });

  test("shows nothing of a password", () => {
    const value = "sEcretpw-of-mine-which-is-long";
    expect(maskedSetting({ ...SECRET, variable: "PGPASSWORD" }, value)).toBe("30 characters");
    expect(maskedSetting({ ...SECRET, variable: "DATABASE_URL" }, value)).toBe("30 characters");
  });

  test("shows what is no secret as it is", () => {
    expect(maskedSetting({ variable: "X", meaning: "x" }, "./data")).toBe("./data");
  });

  test.each([
    ["https://me:pass@word@proxy:8080/files?x=1", "https://…@proxy:8080/files?x=1"],
    ["https://files.massive.com/a@b", "https://files.massive.com/a@b"],
    ["http://user:sEcretpw@127.0.0.1:99999/", "…@127.0.0.1:99999/"],
    ["http://a:sEc/retpw@127.0.0.1:1/", "…@127.0.0.1:1/"],
    ["user:sEcretpw@127.0.0.1", "…@127.0.0.1"],
  ])("shows of the address %s no user and no password, secret or not", (value, shown) => {
    expect(maskedSetting({ variable: "X", meaning: "x" }, value)).toBe(shown);
  });
});
