import { describe, expect, test } from "bun:test";
import { ping, pingAddress, type PingLimits } from "../../src/workflows/healthcheck.ts";
import { CHECK_SECRET, healthService, silence } from "../support/health-service.ts";

const QUICK: PingLimits = { attempts: 3, baseDelayMs: 1, maxDelayMs: 2, perTryMs: 100, totalMs: 2000 };
const SUCCESS = `GET /ping/${CHECK_SECRET}?via=test`;

describe("pingAddress", () => {
  test.each([
    ["https://hc-ping.com/uuid", "https://hc-ping.com/uuid/fail"],
    ["https://hc-ping.com/key/slug?create=1", "https://hc-ping.com/key/slug/fail?create=1"],
    ["https://hc.example/ping/uuid/", "https://hc.example/ping/uuid/fail"],
    ["https://me:secret@hc.example:8000/p%20q#part", "https://me:secret@hc.example:8000/p%20q/fail"],
    ["http://hc.example", "http://hc.example/fail"],
  ])("of a failure to %s is %s", (url, expected) => {
    expect(pingAddress(new URL(url), false).href).toBe(expected);
  });

  test("of a success is the URL itself", () => {
    expect(pingAddress(new URL("https://hc-ping.com/uuid/?a=b"), true).href).toBe(
      "https://hc-ping.com/uuid/?a=b",
    );
  });
});

describe("ping", () => {
  test("asks once where it is taken", async () => {
    await using service = healthService(() => new Response(null, { status: 204 }));
    expect(await ping(new URL(service.url), true, QUICK)).toBeNull();
    expect(await ping(new URL(service.url), false, QUICK)).toBeNull();
    expect(service.requests).toEqual([SUCCESS, `GET /ping/${CHECK_SECRET}/fail?via=test`]);
  });

  test.each([408, 429, 500, 503])("tries again after HTTP %i", async (status) => {
    await using service = healthService((count) => new Response("", { status: count < 3 ? status : 200 }));
    expect(await ping(new URL(service.url), true, QUICK)).toBeNull();
    expect(service.requests).toEqual([SUCCESS, SUCCESS, SUCCESS]);
  });

  test("gives up after three tries", async () => {
    await using service = healthService(() => new Response("", { status: 502 }));
    expect(await ping(new URL(service.url), true, QUICK)).toBe("it answers HTTP 502");
    expect(service.requests).toHaveLength(3);
  });

  test.each([400, 404, 409])("asks once where the answer is HTTP %i", async (status) => {
    await using service = healthService(() => new Response("", { status }));
    expect(await ping(new URL(service.url), true, QUICK)).toBe(`it answers HTTP ${status}`);
    expect(service.requests).toHaveLength(1);
  });

  test("follows no redirect", async () => {
    await using other = healthService();
    await using service = healthService(() => Response.redirect(other.url, 302));
    expect(await ping(new URL(service.url), true, QUICK)).toBe(
      "it redirects (HTTP 302), which is not followed",
    );
    expect([service.requests.length, other.requests.length]).toEqual([1, 0]);
  });

  test("waits for no service that is silent longer than it may take", async () => {
    await using service = healthService(silence);
    const startedMs = performance.now();
    const limits = { ...QUICK, perTryMs: 5000, totalMs: 100 };
    expect(await ping(new URL(service.url), true, limits)).toBe("it did not answer in time");
    expect(performance.now() - startedMs).toBeLessThan(2000);
    expect(await ping(new URL(service.url), true, QUICK)).toBe("it did not answer in time");
    expect(service.requests).toHaveLength(4);
  });

  test("of a port where nobody is says so, without the address", async () => {
    const service = healthService();
    await service[Symbol.asyncDispose]();
    expect(await ping(new URL(service.url), true, QUICK)).toMatch(/^there is no connection \([A-Za-z]+\)$/);
  });
});
