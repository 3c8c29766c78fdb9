import type { Command } from "./command.ts";

/** Every command, loaded when it is called: starting up costs what the one command needs. */
export const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  hybrid: async () => (await import("./commands/hybrid.ts")).hybridCommand,
  download: async () => (await import("./commands/download.ts")).downloadCommand,
  parse: async () => (await import("./commands/parse.ts")).parseCommand,
  api: async () => (await import("./commands/api.ts")).apiCommand,
  sync: async () => (await import("./commands/sync.ts")).syncCommand,
  status: async () => (await import("./commands/status.ts")).statusCommand,
  verify: async () => (await import("./commands/verify.ts")).verifyCommand,
  aggregate: async () => (await import("./commands/aggregate.ts")).aggregateCommand,
  export: async () => (await import("./commands/export.ts")).exportCommand,
  show: async () => (await import("./commands/show.ts")).showCommand,
  view: async () => (await import("./commands/view.ts")).viewCommand,
  doctor: async () => (await import("./commands/doctor.ts")).doctorCommand,
  prune: async () => (await import("./commands/prune.ts")).pruneCommand,
  schedule: async () => (await import("./commands/schedule.ts")).scheduleCommand,
  completions: async () => (await import("./commands/completions.ts")).completionsCommand,
  demo: async () => (await import("./commands/demo.ts")).demoCommand,
  sandbox: async () => (await import("./commands/sandbox.ts")).sandboxCommand,
};
