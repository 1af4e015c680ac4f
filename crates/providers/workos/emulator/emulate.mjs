// Starts the emulator on a free port and prints where it is. It ends with its standard input, so
// that it never outlives the test that started it.
//
// `workos emulate` on the command line is the same and brings the rest of the command line with
// it: telemetry, a keyring. So the function behind it is called.
import { createEmulator } from 'workos/emulate';

const emulator = await createEmulator({ port: 0, seed: JSON.parse(process.argv[2]) });
console.log(JSON.stringify({ url: emulator.url, api_key: emulator.apiKey }));
process.stdin.on('end', () => process.exit(0)).resume();
