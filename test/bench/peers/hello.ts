// The least that a command line made of citty and consola can take: says hello.
import { defineCommand, runMain } from "citty";
import { consola } from "consola";

await runMain(
  defineCommand({
    meta: { name: "hello", version: "1.0.0", description: "Says hello" },
    args: { name: { type: "string", description: "to whom", default: "world" } },
    run: ({ args }) => consola.log(`hello ${args.name}`),
  }),
);
