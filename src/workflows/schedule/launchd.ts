import { MADE_BY, minutesOf, type NightlyJob } from "./job.ts";
import type { LocalTime } from "./local-time.ts";
import { xmlText } from "./quoting.ts";

/** The property list of a launchd agent (`man launchd.plist`), which counts Sunday as 0. */
export function propertyList(job: NightlyJob, local: LocalTime): string {
  const minutes = minutesOf(local.time);
  const time = { Hour: Math.floor(minutes / 60), Minute: minutes % 60 };
  const times =
    local.weekdays.length === 7 ? [time] : local.weekdays.map((day) => ({ Weekday: day % 7, ...time }));
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- ${MADE_BY} -->
<!-- Only one run works in a data directory: it holds the lock there, a second one ends with exit code 7. -->
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${xmlText(job.name)}</string>
  <key>ProgramArguments</key>
  <array>
${job.argv.map((word) => `    <string>${xmlText(word)}</string>`).join("\n")}
  </array>
  <key>WorkingDirectory</key>
  <string>${xmlText(job.workingDir)}</string>
  <key>StandardOutPath</key>
  <string>${xmlText(job.logPath)}</string>
  <key>StandardErrorPath</key>
  <string>${xmlText(job.logPath)}</string>
  <key>StartCalendarInterval</key>
  <array>
${times.map(timeXml).join("\n")}
  </array>
</dict>
</plist>
`;
}

function timeXml(time: Readonly<Record<string, number>>): string {
  const keys = Object.entries(time).map(([key, value]) => `<key>${key}</key><integer>${value}</integer>`);
  return `    <dict>${keys.join("")}</dict>`;
}
