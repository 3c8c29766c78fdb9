// A download that its test kills: settings and object come as JSON in the first argument, the path in the second.
// Prints how many bytes have arrived in all, a line each time there are more.
import { download } from "../../src/massive/download.ts";
import { openFlatFiles } from "../../src/massive/s3-client.ts";

const { settings, transfer, object } = JSON.parse(process.argv[2] ?? "");
let arrivedBytes = 0;
await download(openFlatFiles(settings, transfer), object, process.argv[3] ?? "", {
  onBytes(count) {
    arrivedBytes += count;
    process.stdout.write(`${arrivedBytes}\n`);
  },
});
